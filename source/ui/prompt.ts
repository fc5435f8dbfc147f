import type {Answer} from '../engine/session/checklist.ts';
import {withoutLast} from '../presenters/graphemes.ts';

/**
 * A question on one line: why a backup is held, whether it is to be let go, which ticket a restore is for, why it is
 * told to nobody, since when
 * things are bad, what there is to say of a step of a checklist and whether its answer is replaced, when something of the
 * incident was, which session is taken over, or which key signs evidence. `id`: of the backup, the step, the time or the session that it is about.
 */
export type Prompt = {
  kind:
    | 'pin'
    | 'unpin'
    | 'ticket'
    | 'audit'
    | 'since'
    | 'takeOver'
    | 'time'
    | 'back'
    | 'replace'
    | 'key'
    | 'extract'
    | Answer['state'];
  id: string;
  text: string;
  /** What was said of the step, while it is asked when the service was back. */
  note?: string;
  /** What is done with the step, once it is said that its answer is to be replaced. */
  how?: Replacing;
};

/** How an answer is replaced: by machine, or by a word. */
export type Replacing = 'check' | Answer['state'];

export type PromptAction =
  | {type: 'asked'; kind: Prompt['kind']; id: string; text: string; note?: string; how?: Replacing}
  | {type: 'answer typed'; text: string}
  | {type: 'answer erased'}
  | {type: 'answer cleared'}
  | {type: 'answer written'; text: string}
  | {type: 'answer given'};

/** What has to be typed before a backup is let go: one key must not do it. */
export const unpinWord = 'unpin';

/** Whether the answer will do. */
export function isAnswered({kind, id, text}: Prompt): boolean {
  switch (kind) {
    case 'pin':
    case 'extract':
    case 'audit':
    case 'failed':
    case 'skipped':
      return text.trim() !== '';
    case 'unpin':
      return text === unpinWord;
    case 'takeOver':
      return text === id;
    case 'ticket':
    case 'key':
    case 'since':
    case 'time':
    case 'back':
    case 'replace':
    case 'done':
      return true;
  }
}

export function reducePrompt(prompt: Prompt | null, action: PromptAction): Prompt | null {
  switch (action.type) {
    case 'asked':
      return {
        kind: action.kind,
        id: action.id,
        text: action.text,
        ...(action.note === undefined ? {} : {note: action.note}),
        ...(action.how === undefined ? {} : {how: action.how}),
      };
    case 'answer typed':
      // There is nothing to say there but yes.
      return prompt && (prompt.kind === 'replace' ? prompt : {...prompt, text: prompt.text + action.text});
    case 'answer written':
      return prompt && (prompt.kind === 'replace' ? prompt : {...prompt, text: action.text});
    case 'answer erased':
      return prompt && {...prompt, text: withoutLast(prompt.text)};
    case 'answer cleared':
      return prompt && {...prompt, text: ''};
    case 'answer given':
      return null;
  }
}
