import {mkdirSync, rmSync} from 'node:fs';
import {bundle} from './bundle.ts';
import {makeExecutable} from './executable.ts';

/** Makes, in `dist/`, what is given to others: `npm run package`. */
const scratch = 'dist/.package';

rmSync(scratch, {recursive: true, force: true});
mkdirSync(scratch, {recursive: true});
await bundle();
makeExecutable('dist/magds', scratch);
rmSync(scratch, {recursive: true});
