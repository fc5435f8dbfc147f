// What is run. Old runtimes have to parse it, so that they get a line and not a stack.
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const {Script} = require('node:vm');

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 16)) {
  process.stderr.write(
    `magds needs Node.js 22.16 or newer; this is ${process.version}. Install a newer one, or run it with its full path.\n`,
  );
  process.exit(2);
}

/** What lies in the cache is run: it has to be ours, and nobody else may write there. */
function isOurs(/** @type {string} */ directory) {
  const stats = fs.lstatSync(directory, {throwIfNoEntry: false});
  return stats?.isDirectory() === true && stats.uid === process.geteuid?.() && (stats.mode & 0o022) === 0;
}

/** Nobody else can put another directory in the place of this one, or of one on the way to it. */
function isOurWay(/** @type {string} */ directory) {
  const stats = fs.lstatSync(directory);
  const isSafe = (stats.mode & 0o022) === 0 || (stats.mode & 0o1000) !== 0;
  const isTrusted = stats.uid === 0 || stats.uid === process.geteuid?.();
  if (!stats.isDirectory() || !isSafe || !isTrusted) return false;
  const above = path.dirname(directory);
  return above === directory || isOurWay(above);
}

/** What lies there is of this program as this runtime compiles it; the build puts in the digest. */
const edition = `${process.version}-${process.arch}-PROGRAM_DIGEST`;

/** Milliseconds after which what another edition has compiled is removed: one that is still used makes it anew. */
const month = 30 * 24 * 3_600_000;

function tidy(/** @type {string} */ own) {
  const all = path.dirname(own);
  for (const name of fs.readdirSync(all)) {
    const directory = path.join(all, name);
    if (directory !== own && Date.now() - fs.lstatSync(directory).mtimeMs > month)
      fs.rmSync(directory, {recursive: true});
  }
}

/** Where compiled files are kept, as Node is told too; null where that is not to be: no cache is made where none is. */
function cacheDirectory() {
  const {env} = process;
  if (env['NODE_DISABLE_COMPILE_CACHE']) return null;
  const caches = env['NODE_COMPILE_CACHE'] || env['XDG_CACHE_HOME'] || path.join(os.homedir(), '.cache');
  if (!path.isAbsolute(caches) || !isOurs(caches) || !isOurWay(path.dirname(caches))) return null;
  let directory = caches;
  for (const name of ['magds', edition]) {
    directory = path.join(directory, name);
    const isThere = fs.existsSync(directory);
    if (!isThere) fs.mkdirSync(directory, {mode: 0o700});
    if (!isOurs(directory)) return null;
    if (!isThere && name === edition) attempt(() => tidy(directory));
  }
  return directory;
}

/**
 * What is done for speed alone: a full disk, or a home that is none, makes the program slower to begin, and nothing else.
 * @template T @param {() => T} action
 */
function attempt(action) {
  try {
    return action();
  } catch {
    return null;
  }
}

const cache = attempt(cacheDirectory);
const compiledName = (/** @type {string} */ name) => path.join(cache ?? '', `${name}.compiled`);

/** It stands there twice: V8 does not look whether it is whole, and falls over what a disk has spoilt. */
function compiledOf(/** @type {string} */ name) {
  const twice = cache === null ? null : attempt(() => fs.readFileSync(compiledName(name)));
  const half = (twice?.length ?? 0) / 2;
  return twice?.subarray(0, half).equals(twice.subarray(half)) ? twice.subarray(0, half) : undefined;
}

/** @type {Map<string, import('node:vm').Script>} */
const scripts = new Map();
/** A file was read of which nothing is kept yet. */
let isNew = false;

/** Keeps all that was read, with what has been compiled of it by now: half of a start is spent on that. Whole, or not at all. */
function keep() {
  for (const [name, script] of isNew && cache !== null ? scripts : []) {
    const unfinished = `${compiledName(name)}.${process.pid}`;
    try {
      const data = script.createCachedData();
      fs.writeFileSync(unfinished, Buffer.concat([data, data]), {mode: 0o600, flag: 'wx'});
      fs.renameSync(unfinished, compiledName(name));
    } catch {
      attempt(() => fs.unlinkSync(unfinished));
      break;
    }
  }
  // What is called much later makes it no better: V8 has forgotten some of the start by then.
  isNew = false;
  scripts.clear();
}

const load = (/** @type {string} */ name) => {
  const filename = path.join(__dirname, 'program', name);
  // They are ASCII.
  const text = fs.readFileSync(filename, 'latin1');
  const cachedData = compiledOf(name);
  const script = new Script(`(function(module,require,__filename){${text}\n})`, {
    filename,
    ...(cachedData && {cachedData}),
  });
  isNew ||= cachedData === undefined || script.cachedDataRejected === true;
  scripts.set(name, script);
  const module = {exports: {}};
  const find = (/** @type {string} */ asked) =>
    asked.startsWith('./') ? load(asked.slice(2)) : require(asked);
  script.runInThisContext()(module, find, filename);
  return module.exports;
};
process.once('exit', keep);
// What runs for long forgets what it began with.
setTimeout(keep, 2000).unref();
load('main.js');
