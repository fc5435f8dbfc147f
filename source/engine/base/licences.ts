import {getAsset, isSea} from 'node:sea';
import {brotliDecompressSync} from 'node:zlib';

/** The licences of what is in the program, put here by the build: Brotli, in Base64. */
declare const LICENCES: string | undefined;

/** Name of the file in the executable that holds the licence of its runtime. */
const ofRuntime = 'runtime-license';

/** The licences of the libraries that this program holds, and of its runtime where it holds that too. */
export function licences(): string {
  if (typeof LICENCES !== 'string') return 'Each library lies in node_modules/, with its licence.\n';
  const text = brotliDecompressSync(Buffer.from(LICENCES, 'base64')).toString('utf8');
  if (!isSea()) return text;
  return `${text}\n${'-'.repeat(80)}\nNode.js ${process.versions.node}\n\n${getAsset(ofRuntime, 'utf8')}`;
}
