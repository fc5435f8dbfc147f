// Compiles the files of the program for the executable: `node --random-seed=1 compile.cjs DIRECTORY`, in which each gets its
// `.compiled` beside it. No function waits until it is called, so that none is compiled at a start; and nothing is run, so
// that the same program gives the same bytes, wherever that is done.
const fs = require('node:fs');
const path = require('node:path');
const {setFlagsFromString} = require('node:v8');
const {Script} = require('node:vm');

const [directory = ''] = process.argv.slice(2);
for (const filename of fs.readdirSync(directory).sort()) {
  const file = path.join(directory, filename);
  const text = fs.readFileSync(file, 'latin1');
  setFlagsFromString('--no-lazy');
  const script = new Script(text, {filename});
  // With other flags than its own the executable would not take it.
  setFlagsFromString('--lazy');
  const cachedData = script.createCachedData();
  if (new Script(text, {filename, cachedData}).cachedDataRejected)
    throw new Error(`V8 does not take what it compiled of ${filename}`);
  fs.writeFileSync(`${file}.compiled`, cachedData);
}
