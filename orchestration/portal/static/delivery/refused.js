/** Why a file is not delivered: a code, never a word of the file; `texts_en.yaml` says it in words. */
export class Refused extends Error {
  constructor(code) {
    super(code);
    this.code = code;
  }
}
