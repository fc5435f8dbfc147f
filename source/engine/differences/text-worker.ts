import {parentPort, workerData} from 'node:worker_threads';
import {compareTexts} from './texts.ts';

export type Texts = {
  one: string;
  other: string;
  /** Where their bytes differ first. */
  offset: number;
};

const {one, other, offset} = workerData as Texts;
parentPort?.postMessage(compareTexts(one, other, offset));
