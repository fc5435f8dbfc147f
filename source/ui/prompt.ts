/** A question on one line, while it is asked; what its answer does is one of its screen's `questions`. */
export type Prompt = {
  /** Its name among them. */
  kind: string;
  /** The backup, the step, the time or the session that it is about. */
  id: string;
  text: string;
  /** What else its screen has to know once it is answered. */
  note?: string;
};

export type PromptAction =
  | ({type: 'asked'} & Prompt)
  | {type: 'answer written'; text: string}
  | {type: 'answer given'};

/** Why it is no answer where a reason is asked for. */
export const lacksReason = ({text}: Prompt): string | null =>
  text.trim() === '' ? 'Say why: someone who finds it in a year has to know.' : null;

export function reducePrompt(prompt: Prompt | null, action: PromptAction): Prompt | null {
  switch (action.type) {
    case 'asked': {
      const {type: _, ...asked} = action;
      return asked;
    }
    case 'answer written':
      return prompt && {...prompt, text: action.text};
    case 'answer given':
      return null;
  }
}
