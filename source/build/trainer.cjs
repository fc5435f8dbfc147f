// Runs the program from its files as the executable does, and keeps what V8 has compiled of each when it ends:
// `node trainer.cjs DIRECTORY HOW WORD...`, where DIRECTORY has what start-executable.cjs asks for. HOW is `command`,
// or `again`, which runs nothing, and has V8 number anew what was kept.
const fs = require('node:fs');
const Module = require('node:module');
const path = require('node:path');
const v8 = require('node:v8');
const vm = require('node:vm');

const [directory = '', how = ''] = process.argv.splice(2, 2);
const file = (/** @type {string} */ name) => path.join(directory, name);
const assets = {isSea: () => false, getRawAsset: (/** @type {string} */ name) => fs.readFileSync(file(name))};
const kept = new Map();

/** V8 notes how far it has got with each of them, in the background. */
const unsteady = ['sparkplug', 'maglev', 'turbofan', 'flush-bytecode'];
for (const name of unsteady) v8.setFlagsFromString(`--no-${name}`);

const {Script} = vm;
vm.Script = class extends Script {
  constructor(
    /** @type {string} */ text,
    /** @type {import('node:vm').ScriptOptions & {filename: string}} */ options,
  ) {
    // With other flags V8 would not take it.
    for (const name of unsteady) v8.setFlagsFromString(`--${name}`);
    const {cachedData, ...others} = options;
    super(text, cachedData?.length ? options : others);
    for (const name of unsteady) v8.setFlagsFromString(`--no-${name}`);
    if (this.cachedDataRejected) throw new Error(`V8 does not take what it compiled of ${options.filename}`);
    kept.set(options.filename, this);
  }
};
const {require: original} = Module.prototype;
Module.prototype.require = Object.assign(function require(/** @type {string} */ name) {
  return name === 'node:sea' ? assets : original.call(this, name);
}, original);
process.once('exit', () => {
  for (const name of unsteady) v8.setFlagsFromString(`--${name}`);
  for (const [name, script] of kept) fs.writeFileSync(file(`${name}.compiled`), script.createCachedData());
});
if (how !== 'again') require('./start-executable.cjs');
else
  for (const name of fs.readdirSync(directory).sort())
    if (name.endsWith('.js'))
      new vm.Script(fs.readFileSync(file(name), 'latin1'), {
        filename: name,
        cachedData: fs.readFileSync(file(`${name}.compiled`)),
      });
