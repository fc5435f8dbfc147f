import {serve} from './serve.ts';
import {createHasher} from './wasm-hasher.ts';

serve(createHasher);
