// What the executable begins with: the files of the program lie in it, and beside each what V8 had compiled of it
// (compile.cjs). What V8 does not take it compiles anew.
const sea = require('node:sea');
const {Script} = require('node:vm');

/** They are ASCII. @param {string} name */
const text = (name) => Buffer.from(sea.getRawAsset(name)).latin1Slice();

const load = (/** @type {string} */ name) => {
  const cachedData = Buffer.from(sea.getRawAsset(`${name}.compiled`));
  const begin = new Script(text(name), {filename: name, cachedData}).runInThisContext();
  const module = {exports: {}};
  const find = (/** @type {string} */ asked) =>
    asked.startsWith('./') ? load(asked.slice(2)) : require(asked);
  begin(module, find, process.execPath);
  return module.exports;
};
load('main.js');
