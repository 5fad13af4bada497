/** What cannot be edited, said in one line. */

/** Thrown where a file is not what `init` knows how to edit; nothing has been written. */
export class Refusal extends Error {
  constructor(file: string, reason: string) {
    super(`${file} cannot be edited: ${reason}.`);
    this.name = "Refusal";
  }
}
