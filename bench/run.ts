import {build} from 'esbuild';
import {bundle} from '../source/build/bundle.ts';
import {makeExecutable} from '../source/build/executable.ts';
import {benchBackup} from './backup.ts';
import {benchBrowse} from './browse.ts';
import {benchEvidence, benchEvidenceMemory} from './evidence.ts';
import {benchList} from './list.ts';
import {benchRestore, benchRestoreMany} from './restore.ts';
import {benchStart} from './start.ts';
import {executable, minimal, scratch} from './support.ts';
import {manyBackups} from './trees.ts';
import {benchVerify} from './verify.ts';

/** `npm run bench [-- verify start list browse backup restore restore-many evidence evidence-memory]`: each figure beside its peer's of the same run. All of it ends within eight minutes on two idle cores. */
const wanted = process.argv.slice(2);
const wants = (name: string) => wanted.length === 0 || wanted.includes(name);
const runs = 7;

const {pieces} = await bundle();
if (wants('start')) makeExecutable(executable, pieces, scratch('executable'));
await build({
  entryPoints: ['bench/minimal/program.tsx'],
  outfile: minimal,
  bundle: true,
  minify: true,
  platform: 'node',
  format: 'esm',
  jsx: 'automatic',
  target: 'node22',
  define: {'process.env.NODE_ENV': '"production"'},
  alias: {'react-devtools-core': './source/build/empty.ts'},
  banner: {
    js: "import{createRequire as benchRequire}from'node:module';const require=benchRequire(import.meta.url);",
  },
});

if (wants('start') || wants('list') || wants('browse')) {
  const many = scratch('many');
  manyBackups(many, 10_000, Math.floor(Date.now() / 1000));
  if (wants('start')) await benchStart(runs, many);
  if (wants('list')) await benchList(runs, many);
  if (wants('browse')) await benchBrowse(many, 30);
}
if (wants('verify')) await benchVerify(runs);
if (wants('backup')) await benchBackup(Math.min(runs, 5));
if (wants('restore')) await benchRestore(Math.min(runs, 5));
if (wants('restore-many')) await benchRestoreMany(Math.min(runs, 3));
if (wants('evidence')) await benchEvidence(Math.min(runs, 5));
if (wants('evidence-memory')) await benchEvidenceMemory();
