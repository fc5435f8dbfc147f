import fc from 'fast-check';
import {expect, test} from 'vitest';
import {type Prompt, type PromptAction, reducePrompt} from '../../source/ui/prompt.ts';
import {backupsQuestions} from '../../source/ui/screens/backups/keys.ts';
import {unpinWord} from '../../source/ui/screens/backups/state.ts';
import {statusSlice} from '../../source/ui/screens/status/state.ts';
import {typingIn} from '../../source/ui/screens.ts';
import {answerTyping} from '../../source/ui/typings.ts';
import {anApp, reduceAll} from '../support/states.ts';

const asked = (kind: Prompt['kind'], text = ''): PromptAction => ({type: 'asked', kind, id: 'x', text});
const typed = (text: string): PromptAction => ({type: 'answer written', text});
const isAnswered = (prompt: Prompt): boolean => backupsQuestions[prompt.kind]?.lacks?.(prompt) == null;
const promptAfter = (...actions: PromptAction[]) => actions.reduce<Prompt | null>(reducePrompt, null);

test('a reason is whatever is not empty', () => {
  expect(isAnswered({kind: 'pin', id: 'x', text: ''})).toBe(false);
  expect(isAnswered({kind: 'pin', id: 'x', text: ' \t'})).toBe(false);
  expect(isAnswered({kind: 'pin', id: 'x', text: ' INC-4711 '})).toBe(true);
});

test.each([
  ['unpin', true],
  ['', false],
  ['unpi', false],
  ['unpinn', false],
  ['Unpin', false],
  [' unpin', false],
  ['y', false],
])('letting go with %j: %s', (text, answered) => {
  expect(isAnswered({kind: 'unpin', id: 'x', text})).toBe(answered);
});

test('is typed, and gone once given', () => {
  expect(promptAfter(asked('pin', 'old'), typed('old😀!'))).toEqual({
    kind: 'pin',
    id: 'x',
    text: 'old😀!',
  });
  expect(promptAfter(asked('pin'), typed('a'), {type: 'answer given'})).toBeNull();
});

test('another question begins anew', () => {
  expect(promptAfter(asked('unpin'), typed('unpin'), asked('pin'))).toEqual({kind: 'pin', id: 'x', text: ''});
});

test('that its screen does not have is not asked; another screen over it takes no answer', () => {
  expect(() => reduceAll(anApp(), asked('key'))).toThrow('backups has no question key');
  const over = reduceAll(anApp(), asked('pin'), statusSlice.open(null));
  expect([typingIn(over), over.prompt?.kind]).toEqual([null, 'pin']);
  expect(typingIn(reduceAll(over, {type: 'went back'}))).toBe(answerTyping);
});

test('whatever is typed in whatever order, only the word lets go, and only a reason holds', () => {
  const action = fc.oneof(
    fc.constantFrom<PromptAction>(asked('pin'), asked('unpin'), typed(''), {type: 'answer given'}),
    fc
      .oneof(fc.constantFrom(...unpinWord, unpinWord, ' '), fc.string({unit: 'binary', maxLength: 3}))
      .map(typed),
  );
  fc.assert(
    fc.property(fc.array(action, {maxLength: 20}), (actions) => {
      let prompt: Prompt | null = null;
      for (const each of actions) {
        const before: Prompt | null = prompt;
        prompt = reducePrompt(prompt, each);
        if (prompt && isAnswered(prompt))
          expect(prompt.kind === 'unpin' ? prompt.text === unpinWord : /\S/.test(prompt.text)).toBe(true);
        // What it is about changes only with a new question.
        if (before && prompt && each.type !== 'asked')
          expect([prompt.kind, prompt.id]).toEqual([before.kind, before.id]);
        // Without a question nothing can be answered.
        if (!before && each.type !== 'asked') expect(prompt).toBeNull();
      }
    }),
    {numRuns: 200},
  );
});
