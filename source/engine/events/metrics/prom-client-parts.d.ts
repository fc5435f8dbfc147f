// The library's main file loads HTTP, clusters and what watches Node itself: 40 ms. Its parts are loaded, which it does
// not describe.
declare module 'prom-client/lib/registry.js' {
  export {Registry as default} from 'prom-client';
}
declare module 'prom-client/lib/counter.js' {
  export {Counter as default} from 'prom-client';
}
declare module 'prom-client/lib/gauge.js' {
  export {Gauge as default} from 'prom-client';
}
