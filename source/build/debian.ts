import {chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync} from 'node:fs';
import path from 'node:path';
import {runtimeLicence} from './executable.ts';
import {mit} from './licences.ts';
import {runTool} from './run-tool.ts';
import {gzipped, type Release, settle, sums, write, writeDocuments, writeShare} from './tree.ts';

const architectures: Record<string, string> = {x64: 'amd64', arm64: 'arm64'};

/** What Debian calls this machine's kind. */
export const architecture = architectures[process.arch] ?? process.arch;

/** The release of GCC whose libstdc++ was the first with a version of its symbols. */
const gccOf: Record<string, string> = {
  '3.4.21': '5',
  '3.4.22': '6',
  '3.4.25': '8',
  '3.4.29': '11',
  '3.4.30': '12',
};

/** Debian's package of each library that the executable may ask for, by the newest versions of symbols in it. */
const packages: Record<string, (newest: Record<string, string>) => string> = {
  'libatomic.so': () => 'libatomic1',
  'libgcc_s.so': () => 'libgcc-s1',
  'libc.so': ({GLIBC = ''}) => `libc6 (>= ${GLIBC})`,
  'libstdc++.so': ({GLIBCXX = ''}) => {
    const gcc = gccOf[GLIBCXX];
    if (gcc === undefined) throw new Error(`which GCC has GLIBCXX_${GLIBCXX}? See source/build/debian.ts`);
    return `libstdc++6 (>= ${gcc})`;
  },
};
/** These come with libc6. */
const ofLibc = ['libdl.so', 'libm.so', 'libpthread.so', 'ld-linux-x86-64.so', 'ld-linux-aarch64.so'];

const byNumber = new Intl.Collator('en', {numeric: true});

/**
 * What an executable needs of a system, as Debian calls it.
 * @param dump what `objdump -p -T` says of it
 * @throws Error for a library that nobody has entered here
 */
export function dependsOf(dump: string): string[] {
  const newest: Record<string, string> = {};
  for (const [, name = '', version = ''] of dump.matchAll(/\b(GLIBC|GLIBCXX)_([\d.]+)\b/g))
    if (byNumber.compare(version, newest[name] ?? '') > 0) newest[name] = version;
  const needed = [...dump.matchAll(/^ +NEEDED +(.+)\.\d+$/gm)].map(([, name = '']) => name);
  return needed
    .filter((name) => !ofLibc.includes(name))
    .map((name) => {
      const found = packages[name];
      if (!found) throw new Error(`which package has ${name}? See source/build/debian.ts`);
      return found(newest);
    })
    .sort();
}

/** The project has no public address; who publishes the package says his, as Debian's tools are told it. */
const maintainer = `${process.env['DEBFULLNAME'] ?? 'the magds authors'} <${process.env['DEBEMAIL'] ?? 'magds@localhost'}>`;

const control = (release: Release, kilobytes: number): string => `Package: magds
Version: ${release.version}
Section: admin
Priority: optional
Architecture: ${architecture}
Maintainer: ${maintainer}
Installed-Size: ${kilobytes}
Depends: ${[...dependsOf(runTool('objdump', ['-p', '-T', 'dist/magds'], 'binutils')), 'util-linux (>= 2.33)'].join(', ')}
Recommends: openssh-client
Description: find, verify and restore MagDS backups
 magds finds the good backup of a MagMoBoCE server, proves that it is one,
 puts it back all or nothing, and keeps a record of what was done.
 .
 It has an app for the terminal, and a command for each thing that it does.
 It holds the runtime that it needs: neither Node.js nor PHP is asked for.
`;

const units = readdirSync('source/ops').filter((name) => /\.(service|timer)$/.test(name));
const timers = units.filter((name) => name.endsWith('.timer')).join(' ');

/**
 * The units are there, and run once somebody enables them. With the package their timers are stopped and forgotten, but
 * not those that somebody has put into /etc instead: they may run another magds.
 */
const scripts: Record<string, string> = {
  postinst: `if [ "$1" = configure ] && [ -d /run/systemd/system ]; then
	systemctl daemon-reload || true
fi`,
  prerm: `if [ "$1" = remove ] && [ -d /run/systemd/system ]; then
	for timer in ${timers}; do
		case "$(systemctl show --property FragmentPath --value "$timer")" in
		*/lib/systemd/system/*) systemctl disable --now "$timer" || true ;;
		esac
	done
fi`,
  postrm: `if [ "$1" = remove ] && [ -d /run/systemd/system ]; then
	systemctl daemon-reload || true
fi`,
};

const indented = (text: string): string =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => (line.trim() === '' ? ' .' : ` ${line.trimEnd()}`))
    .join('\n');

const expat = indented(mit);

const copyright = (): string => `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: magds
Comment:
 The executable holds Node.js and libraries, each under a licence of its own:
 see NODE-LICENSE and THIRD-PARTY-LICENSES beside this file, or run
 "magds --licenses".

Files: *
Copyright: 2026 the magds authors
License: Expat

License: Expat
${expat}
`;

/** One entry: what changed from version to version is told by the project's own. */
const changelog = ({version, date}: Release): string => {
  const when = date.toUTCString().replace('GMT', '+0000');
  return `magds (${version}) stable; urgency=medium\n\n  * See CHANGELOG.md beside this file.\n\n -- ${maintainer}  ${when}\n`;
};

/** What lintian is told, and why. */
const overrides = `# The executable is Node.js, which has its own copies of some libraries, and is no PIE.
magds: embedded-library *
magds: hardening-no-pie *
# The project has no address of its own.
magds: bogus-mail-host *
magds: bogus-mail-host-in-debian-changelog *
# Timers are stopped only where they are those of the package.
magds: maintainer-script-calls-systemctl *
`;

/** Makes the Debian package. @param compression as dpkg-deb is told it */
export function makeDeb(output: string, release: Release, compression: string[]): void {
  const tree = path.join(release.scratch, 'deb');
  const share = `${tree}/usr/share`;
  const doc = `${share}/doc/magds`;
  mkdirSync(`${tree}/usr/bin`, {recursive: true});
  copyFileSync('dist/magds', `${tree}/usr/bin/magds`);
  write(`${share}/magds/kind`, 'deb\n');
  for (const name of units)
    write(
      `${tree}/usr/lib/systemd/system/${name}`,
      readFileSync(`source/ops/${name}`, 'utf8').replaceAll('/usr/local/bin/magds', '/usr/bin/magds'),
    );
  writeShare(share, release);
  writeDocuments(doc);
  rmSync(`${doc}/LICENSE`);
  copyFileSync(runtimeLicence(), `${doc}/NODE-LICENSE`);
  write(`${doc}/copyright`, copyright());
  write(`${doc}/changelog.gz`, gzipped(changelog(release)));
  write(`${share}/lintian/overrides/magds`, overrides);
  settle(tree, release);
  const kilobytes = Number(runTool('du', ['-sk', '--apparent-size', tree], 'coreutils').split('\t')[0]);
  write(`${tree}/DEBIAN/control`, control(release, kilobytes));
  write(`${tree}/DEBIAN/md5sums`, sums('md5', tree, 'usr'));
  for (const [name, lines] of Object.entries(scripts)) {
    write(`${tree}/DEBIAN/${name}`, `#!/bin/sh\nset -e\n${lines}\n`);
    chmodSync(`${tree}/DEBIAN/${name}`, 0o755);
  }
  settle(`${tree}/DEBIAN`, release);
  const seconds = String(release.date.getTime() / 1000);
  const build = ['--root-owner-group', ...compression, '--build', tree, output];
  runTool('dpkg-deb', build, 'dpkg', {SOURCE_DATE_EPOCH: seconds, DPKG_DEB_THREADS_MAX: '2'});
}
