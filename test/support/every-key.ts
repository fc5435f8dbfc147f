import {commonKeys} from '../../source/ui/common-keys.ts';
import {editingKeys} from '../../source/ui/editing.ts';
import {movingKeys} from '../../source/ui/moving.ts';
import type {Binding} from '../../source/ui/screen.ts';
import {backupsSlice} from '../../source/ui/screens/backups/state.ts';
import {screens} from '../../source/ui/screens.ts';
import {answerTyping, filterTyping} from '../../source/ui/typings.ts';

/** Every key that means something somewhere, with the screen or the question it belongs to. */
export const everyKey: {of: string; binding: Binding}[] = [
  ...Object.entries(screens).flatMap(([name, {keys, typings = []}]) =>
    [...keys, ...typings.flatMap((typing) => typing.keys)].map((binding) => ({of: name, binding})),
  ),
  ...[...answerTyping.keys, ...filterTyping(backupsSlice).keys].map((binding) => ({of: 'typing', binding})),
  ...editingKeys(answerTyping).map((binding) => ({of: 'typing', binding})),
  ...movingKeys.map((binding) => ({of: 'moving', binding})),
  ...commonKeys.map((binding) => ({of: 'everywhere', binding})),
];
