import {execFileSync} from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {spawn} from '@lydell/node-pty';
import xterm from '@xterm/headless';
import {svg} from './svg.ts';

/** `npm run media`: stills of the real program on a demonstration, in a real pseudo-terminal. */
const size = {cols: 90, rows: 26};
const node = process.execPath;
const program = path.resolve('dist/magds.js');

type Still = {name: string; keys: string[]; until: string[]};

const stills: Still[] = [
  {name: 'backups', keys: ['j'], until: ['Verified means unaltered', 'live holds']},
  {name: 'manifest', keys: ['j', 'm'], until: ['recorded']},
  {name: 'verify', keys: ['j', 'v'], until: ['PASSED']},
];

async function take({name, keys, until}: Still, root: string): Promise<void> {
  const terminal = new xterm.Terminal({...size, allowProposedApi: true});
  const env = {...process.env, FORCE_COLOR: '1', CI: undefined, TZ: 'UTC'} as NodeJS.ProcessEnv;
  const pty = spawn(node, [program, '--root', root], {...size, name: 'xterm-256color', env});
  const shows = (texts: string[]) =>
    texts.every((text) => lines(terminal).some((line) => line.includes(text)));
  const wait = (text: string[]) =>
    new Promise<void>((resolve, reject) => {
      const deadline = setTimeout(
        () => reject(new Error(`${name}: "${text.join(', ')}" never came`)),
        20_000,
      );
      const listener = pty.onData((data) => {
        terminal.write(data, () => {
          if (!shows(text)) return;
          clearTimeout(deadline);
          listener.dispose();
          resolve();
        });
      });
    });
  await wait(['live holds']);
  for (const [index, key] of keys.entries()) {
    pty.write(key);
    await wait(index === keys.length - 1 ? until : []);
  }
  // The host's name and the directory are this machine's: a picture shows a server's.
  fs.writeFileSync(
    `media/${name}.svg`,
    svg(terminal, size, `magds: ${name}`, [
      [`${os.hostname()} ${root}`, 'db-01 /srv/magmoboce'],
      [root, '/srv/magmoboce'],
    ]),
  );
  pty.kill('SIGKILL');
}

const lines = (terminal: InstanceType<typeof xterm.Terminal>) =>
  Array.from(
    {length: size.rows},
    (_, row) => terminal.buffer.active.getLine(row)?.translateToString(true) ?? '',
  );

const root = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'magds-media-')), 'root');
try {
  execFileSync(node, [program, 'demo', root], {stdio: ['ignore', 'ignore', 'inherit']});
  for (const still of stills) await take(still, root);
} finally {
  fs.rmSync(path.dirname(root), {recursive: true});
}
