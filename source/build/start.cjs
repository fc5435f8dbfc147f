// What is run. Old runtimes have to parse it, so that they get a line and not a stack.
const fs = require('node:fs');
const module_ = require('node:module');
const os = require('node:os');
const path = require('node:path');

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 16)) {
  process.stderr.write(
    `magds needs Node.js 22.16 or newer; this is ${process.version}. Install a newer one, or run it with its full path.\n`,
  );
  process.exit(2);
}

/** What lies in the cache is run: it has to be ours, and nobody else may write there. */
function isOurs(directory) {
  const stats = fs.lstatSync(directory, {throwIfNoEntry: false});
  return stats?.isDirectory() === true && stats.uid === process.geteuid() && (stats.mode & 0o022) === 0;
}

/** Node keeps the program there as it has compiled it, which is half of its start. No cache is made where none is. */
function cacheDirectory() {
  const caches = process.env['XDG_CACHE_HOME'] || path.join(os.homedir(), '.cache');
  const own = path.join(caches, 'magds');
  if (!path.isAbsolute(caches) || !isOurs(caches)) return null;
  if (!fs.existsSync(own)) fs.mkdirSync(own, {mode: 0o700});
  return isOurs(own) ? own : null;
}

try {
  const directory = process.env['NODE_COMPILE_CACHE'] ? null : cacheDirectory();
  if (directory !== null) module_.enableCompileCache(directory);
} catch {
  // A full disk, a home that is none: it is slower to begin, and nothing else.
}
require('./program/main.js');
