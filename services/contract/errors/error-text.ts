/** What an error code says. */
export interface ErrorText {
  /** The HTTP status the API answers with. */
  readonly status: number;
  /** What happened and what to do next, for a person. */
  readonly en: string;
  readonly zh: string;
}
