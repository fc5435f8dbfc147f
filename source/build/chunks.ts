import {readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import type {Plugin} from 'esbuild';
import {patch} from './patch.ts';

/**
 * The parts that the program is loaded in, by the modules that `import()` asks for; the first pattern counts. What no
 * pattern is for is in the part that asks for it.
 */
const parts: [RegExp, string][] = [
  [/^ui[/]start/, 'app'],
  [/^ui[/]screens[/].*[/]work[.]/, 'work'],
  [/^engine[/]hashing[/]pool/, 'hashing'],
  [/^engine[/](content|differences)[/]serve/, 'checks'],
  [/^commands[/](parse|help)/, 'arguments'],
  [/^engine[/]base[/]licences/, 'licences'],
  [/^php-parser$/, 'php'],
  [/^commands[/](command|about)[.]/, 'place'],
  [/^commands[/]backup-(list|show)[.]/, 'look'],
  [/^commands[/]/, 'commands'],
];

const dynamic = /(?<!typeof )\bimport\('([^']+)'\)/g;

const yogaWaits = /const Yoga = wrapAssembly\(await loadYoga\(\)\);\s*export default Yoga;/;
const yogaTells =
  'let Yoga; export const loading = loadYoga().then((assembly) => {Yoga = wrapAssembly(assembly)}); export {Yoga as default};';

/**
 * Lays the program out in a few parts, where esbuild would make one for each `import()`, which are hundreds. Within a part
 * each module is evaluated when it is first asked for. yoga-layout waits for its assembly while it is evaluated, which only
 * modules can: its part waits for it instead.
 */
export const chunks: Plugin = {
  name: 'chunks',
  setup(context) {
    const source = path.resolve('source');
    const members = new Map<string, Map<string, string>>();
    const inParts = (file: string): string =>
      readFileSync(file, 'utf8').replace(dynamic, (whole, asked: string) => {
        if (asked.startsWith('node:')) return whole;
        const isFile = asked.startsWith('.');
        const target = isFile ? path.relative(source, path.resolve(path.dirname(file), asked)) : asked;
        const part = parts.find(([pattern]) => pattern.test(target))?.[1];
        if (part === undefined)
          return `Promise.resolve().then(() => require('${isFile ? asked : `package:${asked}`}'))`;
        members.set(
          part,
          (members.get(part) ?? new Map()).set(target, isFile ? `./${target}` : `package:${asked}`),
        );
        return `import('part:${part}').then(({load}) => load('${target}'))`;
      });
    // All of them at once: a part has to know who asks for what.
    const texts = new Map(
      (readdirSync(source, {recursive: true}) as string[])
        .filter((name) => /^(?!build[/]).*[.]tsx?$/.test(name))
        .sort()
        .map((name) => [path.join(source, name), inParts(path.join(source, name))]),
    );

    context.onLoad({filter: /[.]tsx?$/}, ({path: file}) => {
      const contents = texts.get(file);
      return contents === undefined ? null : {contents, loader: file.endsWith('x') ? 'tsx' : 'ts'};
    });
    context.onLoad({filter: /yoga-layout[/]dist[/]src[/]index[.]js$/}, ({path: file}) =>
      patch(file, yogaWaits, () => yogaTells),
    );
    context.onResolve({filter: /^(part|package):/}, ({path: asked}) => {
      const [namespace = '', name = ''] = asked.split(':');
      return {path: name, namespace};
    });
    context.onLoad({filter: /.*/, namespace: 'package'}, ({path: name}) => ({
      contents: `export * from '${name}'; export {default} from '${name}';`,
      resolveDir: source,
    }));
    context.onLoad({filter: /.*/, namespace: 'part'}, ({path: part}) => {
      const modules = [...(members.get(part) ?? [])].map(
        ([name, file]) => `'${name}': () => require('${file}')`,
      );
      const [load, also] =
        part === 'app'
          ? ['loading.then(() => modules[name]())', "import {loading} from 'yoga-layout';"]
          : ['modules[name]()', ''];
      return {
        contents: `${also}const modules = {${modules}}; export const load = async (name) => ${load};`,
        resolveDir: source,
      };
    });
  },
};
