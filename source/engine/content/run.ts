import {serveChecks} from './serve.ts';

await serveChecks();
