import {serveComparison} from './serve.ts';

await serveComparison();
