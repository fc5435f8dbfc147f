import {execFileSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import {program, runtime} from './program.ts';

const project = path.resolve(import.meta.dirname, '../..');
const caches = path.join(project, 'node_modules/.cache/magds-compiled');

/**
 * A directory of caches in which all of the program lies compiled, as it keeps it itself (start.cjs). A run that is traced would
 * compile it for longer than it works, or keep what it compiled: those would be calls that change files.
 */
export function compiledProgram(): string {
  const parts = path.join(path.dirname(program), 'program');
  const main = createHash('sha256').update(fs.readFileSync(`${parts}/main.js`));
  const version = execFileSync(runtime, ['--version'], {encoding: 'utf8'}).trim();
  const edition = `${caches}/magds/${version}-${process.arch}-${main.digest('hex')}`;
  if (fs.existsSync(edition)) return caches;
  fs.mkdirSync(`${caches}/magds`, {recursive: true, mode: 0o700});
  // Of builds that are gone; another worker may be making this one's.
  for (const name of fs.readdirSync(`${caches}/magds`))
    if (!name.startsWith('.made-') && name !== path.basename(edition))
      fs.rmSync(`${caches}/magds/${name}`, {recursive: true, force: true});
  const made = fs.mkdtempSync(`${caches}/magds/.made-`);
  for (const name of fs.readdirSync(parts))
    fs.writeFileSync(
      `${made}/${name}`,
      `(function(module,require,__filename){${fs.readFileSync(`${parts}/${name}`, 'latin1')}\n})`,
    );
  execFileSync(runtime, [path.join(project, 'source/build/compile.cjs'), made], {stdio: 'pipe'});
  for (const name of fs.readdirSync(parts)) {
    const data = fs.readFileSync(`${made}/${name}.compiled`);
    fs.writeFileSync(`${made}/${name}.compiled`, Buffer.concat([data, data]));
    fs.rmSync(`${made}/${name}`);
  }
  try {
    fs.renameSync(made, edition);
  } catch (error) {
    // Another worker was faster.
    fs.rmSync(made, {recursive: true});
    if (!fs.existsSync(edition)) throw error;
  }
  return caches;
}
