export type Size = {columns: number; rows: number};

/** What a terminal that does not say is taken for. */
export const sizeOf = ({columns, rows}: Partial<Size>): Size => ({columns: columns || 80, rows: rows || 24});

export const isSameSize = (one: Size, other: Size): boolean =>
  one.columns === other.columns && one.rows === other.rows;
