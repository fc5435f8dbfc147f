import {execFileSync, spawnSync} from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {canMount, isFull} from '../support/faults.ts';
import {runtime} from '../support/program.ts';
import {backupId, makeRestorable, twoContents} from '../support/restores.ts';
import {execute} from '../support/run.ts';
import {openTerminal} from '../support/terminal.ts';

/** What packages are made with. Without any of it they cannot be tested. */
const lacking = ['strip', 'objdump', 'dpkg-deb', 'xz', 'npm'].filter(
  (tool) => spawnSync(tool, ['--version']).error !== undefined,
);
const project = path.resolve(import.meta.dirname, '../..');
const place = fs.mkdtempSync(path.join(os.tmpdir(), 'magds-package-'));
const version = (JSON.parse(fs.readFileSync(`${project}/package.json`, 'utf8')) as {version: string}).version;
const release = `${place}/dist/release`;
const executable = `${place}/deb/usr/bin/magds`;
const day = 1_790_000_000;

/**
 * Packs what lies here, in a place of its own: others run the bundle meanwhile.
 * @param tools a directory of what is run in the place of a system's own
 * @returns the digests, and what was said
 */
function make(cwd: string, tools = ''): {digests: string; said: string} {
  for (const name of fs.readdirSync(project))
    if (!['.git', 'node_modules', 'dist', 'coverage', 'test', 'bench'].includes(name))
      fs.cpSync(`${project}/${name}`, `${cwd}/${name}`, {recursive: true});
  fs.symlinkSync(`${project}/node_modules`, `${cwd}/node_modules`);
  const PATH = [tools, process.env['PATH']].filter(Boolean).join(':');
  const env = {...process.env, PATH, SOURCE_DATE_EPOCH: String(day)};
  const {stdout, stderr, status} = spawnSync(runtime, ['source/build/package.ts', '--quick'], {
    cwd,
    env,
    encoding: 'utf8',
  });
  const said = stdout + stderr;
  if (status !== 0) throw new Error(said);
  return {digests: fs.readFileSync(`${cwd}/dist/release/SHA256SUMS`, 'utf8'), said};
}

let first = {digests: '', said: ''};
beforeAll(() => {
  if (lacking.length > 0) return;
  first = make(place);
  fs.mkdirSync(`${place}/npm`);
  fs.mkdirSync(`${place}/tar`);
  execFileSync('dpkg-deb', ['-x', `${release}/magds_${version}_amd64.deb`, `${place}/deb`]);
  execFileSync('tar', ['-xf', `${release}/magds-${version}.tgz`, '-C', `${place}/npm`]);
  execFileSync('tar', ['-xf', `${release}/magds-${version}-linux-x64.tar.xz`, '-C', `${place}/tar`]);
}, 300_000);
afterAll(() => fs.rmSync(place, {recursive: true, force: true}));

const packed = test.skipIf(lacking.length > 0);
const lack = lacking.length > 0 ? ` (needs ${lacking.join(', ')})` : '';

/**
 * What compresses nothing: to compress the same bytes again takes half the time of packing, and shows what xz and dpkg do.
 * @returns the directory of it
 */
function storingTools(within: string): string {
  const tools = `${within}/tools`;
  fs.mkdirSync(tools);
  const real = execFileSync('sh', ['-c', 'command -v dpkg-deb'], {encoding: 'utf8'}).trim();
  const words =
    'for word; do shift; case $word in -Z*) word=-Znone;; -z*) continue;; esac; set -- "$@" "$word"; done';
  fs.writeFileSync(`${tools}/xz`, '#!/bin/sh\nexec cat\n', {mode: 0o755});
  fs.writeFileSync(`${tools}/dpkg-deb`, `#!/bin/sh\n${words}\nexec ${real} "$@"\n`, {mode: 0o755});
  return tools;
}

/** What is compressed in the packages below a directory, and what is beside that: names, times and owners of the members. */
function packedIn(directory: string): Record<string, string> {
  const deb = `${directory}/magds_${version}_amd64.deb`;
  const archive = `${directory}/magds-${version}-linux-x64.tar.xz`;
  const said = (script: string) =>
    execFileSync('bash', ['-c', `set -o pipefail; ${script}`], {
      encoding: 'utf8',
      env: {...process.env, TZ: 'UTC'},
    });
  return {
    members: said(`ar tv '${deb}'`).replace(/ +\d+(?= \w{3} )|\.gz$/gm, ''),
    control: said(`dpkg-deb --ctrl-tarfile '${deb}' | sha256sum`),
    data: said(`dpkg-deb --fsys-tarfile '${deb}' | sha256sum`),
    archive: said(`xz -dcf '${archive}' | sha256sum`),
  };
}

packed(
  `packing again, elsewhere, gives the same bytes, and says nothing${lack}`,
  () => {
    // What compresses is tried with MAGDS_FULL_SWEEP=1.
    const others = (digests: string) =>
      digests.split('\n').filter((line) => isFull || !/\.(deb|xz)$/.test(line));
    expect(first.digests.split('\n').filter(Boolean)).toHaveLength(4);
    expect(first.said).toBe('');
    const elsewhere = fs.mkdtempSync(path.join(os.tmpdir(), 'magds-packed-again-'));
    try {
      const again = make(elsewhere, isFull ? '' : storingTools(elsewhere));
      expect(again.said).toBe('');
      expect(others(again.digests)).toEqual(others(first.digests));
      expect(packedIn(`${elsewhere}/dist/release`)).toEqual(packedIn(release));
    } finally {
      fs.rmSync(elsewhere, {recursive: true, force: true});
    }
  },
  300_000,
);

packed(
  'each package holds manual, completions, licences and a bill of materials, and says what it is',
  async () => {
    const about = (kind: string) =>
      expect.stringMatching(new RegExp(`^magds ${version} \\(.*, ${kind}\\)\n$`)) as string;
    expect(await execute(executable, ['--version'])).toMatchObject({code: 0, stdout: about('deb')});
    const tree = `${place}/tar/magds-${version}-linux-x64`;
    expect(await execute(`${tree}/bin/magds`, ['--version'])).toMatchObject({
      code: 0,
      stdout: about('executable'),
    });
    const bundle = `${place}/npm/package/dist/magds.js`;
    expect(await execute(runtime, [bundle, '--version'])).toMatchObject({code: 0, stdout: about('npm')});

    const {stdout: licences} = await execute(executable, ['--licenses']);
    expect(licences).toContain(
      fs.readFileSync(`${place}/deb/usr/share/doc/magds/THIRD-PARTY-LICENSES`, 'utf8'),
    );
    expect(licences).toMatch(/\nNode\.js \d+\.\d+\.\d+\n\nNode\.js is licensed/);

    for (const share of [`${place}/deb/usr/share`, `${tree}/share`])
      for (const file of [
        'man/man1/magds-restore.1.gz',
        'man/man5/magds-config.5.gz',
        'bash-completion/completions/magds',
        'fish/vendor_completions.d/magds.fish',
        'doc/magds/NODE-LICENSE',
        'doc/magds/magds.cdx.json',
      ])
        expect(fs.existsSync(`${share}/${file}`), `${share}/${file}`).toBe(true);
    const npm = fs.readdirSync(`${place}/npm/package`);
    expect(npm).toEqual(
      expect.arrayContaining(['LICENSE', 'THIRD-PARTY-LICENSES', 'README.md', 'man', 'completions']),
    );
    expect(spawnSync('sha256sum', ['--check', '--quiet', 'SHA256SUMS'], {cwd: tree}).status).toBe(0);
  },
);

packed('the .deb asks for what the executable needs, and its units run the program that it installs', () => {
  const fields = execFileSync('dpkg-deb', ['-f', `${release}/magds_${version}_amd64.deb`], {
    encoding: 'utf8',
  });
  expect(fields).toMatch(
    /^Depends: libatomic1, libc6 \(>= 2\.\d+\), libgcc-s1, libstdc\+\+6 \(>= \d+\), util-linux/m,
  );
  const units = `${place}/deb/usr/lib/systemd/system`;
  expect(fs.readFileSync(`${units}/magds-backup.service`, 'utf8')).toContain(
    '\nExecStart=/usr/bin/magds backup run',
  );
});

packed('the npm package asks for nothing, and names every page of its manual', () => {
  const fields = JSON.parse(fs.readFileSync(`${place}/npm/package/package.json`, 'utf8')) as Record<
    string,
    unknown
  >;
  expect(Object.keys(fields)).not.toEqual(expect.arrayContaining(['dependencies']));
  for (const name of ['devDependencies', 'scripts', 'private', 'files'])
    expect(fields).not.toHaveProperty(name);
  for (const page of fields['man'] as string[])
    expect(fs.existsSync(`${place}/npm/package/${page}`)).toBe(true);
});

packed('what npm installed is compiled once, into a cache of its user alone', async () => {
  const caches = `${place}/cache`;
  const bundle = `${place}/npm/package/dist/magds.js`;
  const start = () =>
    execute(runtime, [bundle, '--version'], {env: {XDG_CACHE_HOME: caches, NODE_COMPILE_CACHE: ''}});
  const empty = (mode: number) => {
    fs.rmSync(caches, {recursive: true, force: true});
    fs.mkdirSync(caches);
    fs.chmodSync(caches, mode);
  };
  empty(0o700);
  expect(await start()).toMatchObject({code: 0, stderr: ''});
  const [edition = ''] = fs.readdirSync(`${caches}/magds`);
  const own = `${caches}/magds/${edition}`;
  for (const directory of [`${caches}/magds`, own]) expect(fs.statSync(directory).mode & 0o777).toBe(0o700);
  const names = fs.readdirSync(own);
  expect(names).toContain('main.js.compiled');
  const times = () => names.map((name) => fs.statSync(`${own}/${name}`).mtimeMs);
  const kept = times();
  expect(await start()).toMatchObject({code: 0, stderr: ''});
  expect(times()).toEqual(kept);

  // What a disk has spoilt, or was cut off, is not run, and is made anew.
  const file = `${own}/main.js.compiled`;
  const good = fs.readFileSync(file);
  const spoilt = Buffer.from(good);
  spoilt.fill(0xff, 1000, 1100);
  for (const data of [spoilt, good.subarray(0, 5000), Buffer.alloc(0)]) {
    fs.writeFileSync(file, data);
    expect(await start()).toMatchObject({code: 0, stderr: ''});
    expect(fs.readFileSync(file).length).toBeGreaterThan(good.length / 2);
  }
  expect(fs.readdirSync(own)).toEqual(names);

  empty(0o777);
  expect(await start()).toMatchObject({code: 0, stderr: ''});
  expect(fs.readdirSync(caches)).toEqual([]);
});

/** A restore from the list to its undo, by commands and in the app. @param inside what runs a command there */
async function walk(
  inside: (words: string[]) => [string, string[]],
  root: string,
  live: string,
): Promise<void> {
  const run = (...words: string[]) => execute(...inside([...words, '--root', root]));
  // Threads hash, processes look into copies and restore.
  expect(await run('backup', 'verify', '--all', '--content')).toMatchObject({code: 0});
  const restored = await run('restore', `--id=${backupId}`, `--yes=${backupId}`);
  expect(restored).toMatchObject({
    code: 0,
    stderr: '',
    stdout: expect.stringContaining('+ Restored, session 1.') as string,
  });
  expect(fs.readFileSync(live, 'utf8')).toBe(twoContents['tenants']?.copy);
  expect(await run('evidence', 'export')).toMatchObject({code: 0});
  expect(await run('restore', '--undo=1', '--yes=1')).toMatchObject({code: 0});
  expect(fs.readFileSync(live, 'utf8')).toBe(twoContents['tenants']?.live);

  const [file, words] = inside(['--root', root]);
  const session = await openTerminal([], {
    shell: `exec ${[file, ...words].map((word) => `'${word}'`).join(' ')}`,
  });
  await session.waitFor(backupId);
  session.keys('v');
  await session.waitFor('PASSED: 2 of 2');
  session.keys('\x1b');
  await session.waitFor('BACKUP');
  session.keys('q');
  await session.waitFor('q again quits');
  session.keys('q');
  expect(await session.waitForExit()).toMatchObject({exitCode: 0});
}

packed('the executable restores and undoes, by commands and in the app', async () => {
  const {root, live} = makeRestorable();
  await walk((words) => [executable, words], root, live('tenants'));
});

/** A Debian without Node.js takes minutes to make, and a mirror to make it from. */
const debian = process.env['MAGDS_DEBIAN'];
test.skipIf(debian === undefined || lacking.length > 0 || !canMount)(
  'so it does where there is nothing but Debian (needs MAGDS_DEBIAN, the root of one with libatomic1)',
  async () => {
    const {root, live} = makeRestorable();
    const at = debian as string;
    fs.copyFileSync(`${release}/magds_${version}_amd64.deb`, `${at}/magds.deb`);
    expect(await execute('chroot', [at, 'dpkg', '-i', '/magds.deb'])).toMatchObject({code: 0});
    expect(await execute('chroot', [at, 'sh', '-c', 'command -v node npm'])).toMatchObject({stdout: ''});
    // What is there is what the program sees: the root is laid to the same place in both.
    const mounts = `mkdir -p ${at}${root}; mount --bind ${root} ${at}${root}; mount -t proc proc ${at}/proc; exec chroot ${at} "$0" "$@"`;
    await walk(
      (words) => ['unshare', ['--mount', 'sh', '-c', mounts, 'magds', ...words]],
      root,
      live('tenants'),
    );
    expect(await execute('chroot', [at, 'dpkg', '--purge', 'magds'])).toMatchObject({code: 0});
    expect(await execute('chroot', [at, 'find', '/usr', '-name', '*magds*'])).toMatchObject({stdout: ''});
  },
  300_000,
);
