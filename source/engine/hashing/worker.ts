import {createNativeHasher} from './algorithms.ts';
import {serve} from './serve.ts';

serve(createNativeHasher);
