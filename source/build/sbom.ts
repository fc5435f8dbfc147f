import {readFileSync} from 'node:fs';
import type {Library} from './licences.ts';

type Component = {
  type: 'library' | 'platform';
  'bom-ref'?: string;
  name: string;
  version: string;
  purl?: string;
  licenses: [{license: {id: string}}];
  hashes?: [{alg: 'SHA-512'; content: string}];
  components?: Component[];
};

const purl = (name: string, version: string): string => `pkg:npm/${name.replace('@', '%40')}@${version}`;

type Lock = {packages: Record<string, {version?: string; integrity?: string}>};

/** The SHA-512 of the packages as the registry has them, by name and version. */
function hashesOf({packages}: Lock): Map<string, string> {
  const hashes = new Map<string, string>();
  for (const [place, {version = '', integrity = ''}] of Object.entries(packages)) {
    const name = place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length);
    const [, encoded] = /^sha512-(.+)$/.exec(integrity) ?? [];
    if (encoded !== undefined)
      hashes.set(purl(name, version), Buffer.from(encoded, 'base64').toString('hex'));
  }
  return hashes;
}

const licensed = (id: string): Component['licenses'] => [{license: {id}}];

/**
 * The bill of materials, as CycloneDX 1.6 has it: the libraries in the program, and the runtime of the executable.
 * @param at what it is dated
 */
export function sbom(version: string, libraries: Library[], at: Date): string {
  const hashes = hashesOf(JSON.parse(readFileSync('package-lock.json', 'utf8')) as Lock);
  const components = libraries.map(({name, version, licence, parts}): Component => {
    const reference = purl(name, version);
    const content = hashes.get(reference);
    return {
      type: 'library',
      'bom-ref': reference,
      name,
      version,
      purl: reference,
      licenses: licensed(licence),
      ...(content !== undefined && {hashes: [{alg: 'SHA-512', content}]}),
      ...(parts.length > 0 && {
        components: parts.map((part) => ({
          type: 'library',
          name: part.name,
          version: part.version,
          purl: purl(part.name, part.version),
          licenses: licensed(part.licence),
        })),
      }),
    };
  });
  const own = `pkg:generic/magds@${version}`;
  const runtime: Component = {
    type: 'platform',
    'bom-ref': `pkg:generic/node@${process.versions.node}`,
    name: 'node',
    version: process.versions.node,
    purl: `pkg:generic/node@${process.versions.node}`,
    licenses: licensed('MIT'),
  };
  const all = [...components, runtime];
  const bill = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      timestamp: at.toISOString(),
      component: {
        type: 'application',
        'bom-ref': own,
        name: 'magds',
        version,
        purl: own,
        licenses: licensed('MIT'),
      },
    },
    components: all,
    dependencies: [{ref: own, dependsOn: all.map((each) => each['bom-ref'])}],
  };
  return `${JSON.stringify(bill, null, 2)}\n`;
}
