import {setUpTidying} from './tidy.ts';

setUpTidying();
