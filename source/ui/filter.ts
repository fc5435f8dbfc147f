/** What is looked for in a list or a text. */
export type Filtered = {
  /** Substring of what a line says; a leading `!` inverts. */
  filter: string;
  /** It is being typed. */
  typing: boolean;
};

export type FilterAction =
  | {type: 'filter opened'}
  | {type: 'filter written'; text: string}
  | {type: 'filter kept'}
  | {type: 'filter cleared'};

export function reduceFilter({filter}: Filtered, action: FilterAction): Filtered {
  switch (action.type) {
    case 'filter opened':
      return {filter, typing: true};
    case 'filter written':
      return {filter: action.text, typing: true};
    case 'filter kept':
      return {filter, typing: false};
    case 'filter cleared':
      return {filter: '', typing: false};
  }
}

/** What passes a filter. */
export function passing<Line>(all: Line[], filter: string, says: (line: Line) => string): Line[] {
  const inverted = filter.startsWith('!');
  const wanted = (inverted ? filter.slice(1) : filter).toLowerCase();
  return wanted === '' ? all : all.filter((line) => says(line).toLowerCase().includes(wanted) !== inverted);
}
