import {withoutLast} from './graphemes.ts';

/** A question on one line of the list: why a backup is held, or whether it is to be let go. */
export type Prompt = {kind: 'pin' | 'unpin'; id: string; text: string};

export type PromptAction =
  | {type: 'asked'; kind: Prompt['kind']; id: string; text: string}
  | {type: 'answer typed'; text: string}
  | {type: 'answer erased'}
  | {type: 'answer given'};

/** What has to be typed before a backup is let go: one key must not do it. */
export const unpinWord = 'unpin';

/** Whether the answer will do. */
export const isAnswered = ({kind, text}: Prompt): boolean =>
  kind === 'pin' ? text.trim() !== '' : text === unpinWord;

export function reducePrompt(prompt: Prompt | null, action: PromptAction): Prompt | null {
  switch (action.type) {
    case 'asked':
      return {kind: action.kind, id: action.id, text: action.text};
    case 'answer typed':
      return prompt && {...prompt, text: prompt.text + action.text};
    case 'answer erased':
      return prompt && {...prompt, text: withoutLast(prompt.text)};
    case 'answer given':
      return null;
  }
}
