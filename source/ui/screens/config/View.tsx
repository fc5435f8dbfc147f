import {inRoot} from '../../facts.ts';
import type {Look} from '../../kit/look.ts';
import {cutStartOf} from '../../kit/span.ts';
import {Page, Panel} from '../../kit/stack.tsx';
import {type Column, Table} from '../../kit/table.tsx';
import {Empty, Notices} from '../../kit/words.tsx';
import {configLayout} from '../../layout.ts';
import type {ViewProps} from '../../screen.ts';
import {type ConfigLine, type ConfigState, configLines} from './state.ts';

const marks = {problem: '!', fault: 'x'} as const;
const looks: Record<ConfigLine['kind'], Look> = {value: 'none', problem: 'beware', fault: 'bad'};

const columnsOf = (root: string | null): Column<ConfigLine>[] => [
  {
    head: 'SETTING',
    cell: (line) => (line.kind === 'value' ? line.name : {rest: `${marks[line.kind]} ${line.text}`}),
    fits: true,
    keeps: 30,
    most: 30,
  },
  {
    head: 'VALUE',
    cell: (line) => (line.kind === 'value' ? cutStartOf(inRoot(line.value, root)) : null),
    least: 10,
    keeps: 26,
    narrow: 12,
    fits: true,
    most: 40,
  },
  {head: 'FROM', cell: (line) => (line.kind === 'value' ? cutStartOf(line.from) : null), least: 12},
];

/** Every value, and the chosen one to its end: what the list cuts is read there. */
export function ConfigView({state, slice: shown}: ViewProps<ConfigState>) {
  const {size, place} = state;
  const {databases: _, ...scroll} = shown;
  const lines = configLines(state, shown);
  const layout = configLayout(size);
  const chosen = lines[scroll.cursor];
  if (lines.length === 0)
    return (
      <Page>
        <Empty
          of={[
            place.root === null
              ? 'A directory of backups alone (--backups) has no configuration.'
              : 'The configuration is being read.',
          ]}
        />
      </Page>
    );
  const told =
    chosen?.kind === 'value'
      ? [chosen.value, `from ${chosen.from}`]
      : chosen
        ? [{text: chosen.text, look: looks[chosen.kind]}]
        : [];
  return (
    <Page>
      <Table
        columns={columnsOf(place.root)}
        rows={lines}
        look={({kind}) => looks[kind]}
        {...scroll}
        height={layout.list}
      />
      <Panel title={chosen?.kind === 'value' ? chosen.name : ''} height={layout.detail}>
        <Notices flush of={told} />
      </Panel>
    </Page>
  );
}
