import * as z from 'zod/mini';

export const text = z.nullable(z.string());

export const number = z.nullable(z.number());

/** UTC, ISO 8601, as far as its writer kept to that: what is no time is shown as it is. */
export const isoTime = z.string();

export const time = z.nullable(isoTime);

export const sha256 = z.string().check(z.regex(/^[0-9a-f]{64}$/));

/** Who was at the keyboard, as far as the machine can tell. */
const whoSchema = z.strictObject({
  login: z.string(),
  uid: number,
  /** As the kernel remembers it from the login, whatever `su` and `sudo` made of it since. */
  login_uid: number,
  sudo_user: text,
  /** SHA-256 fingerprint of the key that the connection was opened with. */
  ssh_key: text,
  /** Address and port that the connection came from. */
  ssh_client: text,
  terminal: text,
  /** The login is one that several people use, such as root: it names no one. */
  shared_account: z.boolean(),
  /** Who they say they are, where nothing else names them; earlier records have none. */
  person: z.optional(text),
});

const clockSchema = z.strictObject({
  synchronised: z.nullable(z.boolean()),
  offset_seconds: number,
  source: text,
});

const hostSchema = z.strictObject({
  name: z.string(),
  machine_id: text,
  boot_id: text,
  os: text,
  kernel: text,
  clock: clockSchema,
});

const programSchema = z.strictObject({
  /** Name and version. */
  name: z.string(),
  runtime: z.string(),
  /** Of the program's own file. */
  sha256: z.nullable(sha256),
});

/** Where, by whom and with what something was done. */
export const contextSchema = z.strictObject({
  at: isoTime,
  who: whoSchema,
  host: hostSchema,
  program: programSchema,
});

export type EvidenceContext = z.infer<typeof contextSchema>;
