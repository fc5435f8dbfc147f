/** How much of some bytes is done. */
export type Amount = {doneBytes: number; totalBytes: number; seconds: number};

/** 0 to 1; of nothing, all is done at once. */
export const fraction = ({doneBytes, totalBytes}: Amount): number =>
  totalBytes === 0 ? 1 : doneBytes / totalBytes;

/** Bytes a second so far; null while there is too little to tell. */
export const rate = ({doneBytes, seconds}: Amount): number | null =>
  seconds < 0.2 || doneBytes === 0 ? null : doneBytes / seconds;

/** Seconds still to go at the rate so far; null while it cannot be told. */
export function secondsLeft(amount: Amount): number | null {
  const speed = rate(amount);
  return speed === null ? null : (amount.totalBytes - amount.doneBytes) / speed;
}
