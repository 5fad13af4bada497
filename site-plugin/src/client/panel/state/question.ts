/** Put together what is sent with a question. Pure. */

import { MAX_PASSAGE, type Passage } from "../../selection/passage";
import type { Scope, SectionAddress } from "../../site/page";
import { type CurrentPage, pageContext, scopesOf } from "../../site/page";
import type { RequestMetadata } from "../api/protocol";
import type { Question } from "./state";

/** Return `text` as a question asked on `page` about `passages`, made from the section `about`. A scope the page does not have is the whole book. */
export function composeQuestion(
  text: string,
  page: CurrentPage,
  scope: Scope,
  passages: readonly Passage[] = [],
  about: SectionAddress | null = null,
): Question {
  const quote = passages
    .map((passage) => passage.text)
    .join("\n\n")
    .slice(0, MAX_PASSAGE);
  const metadata: RequestMetadata = {
    page_context: pageContext(page),
    scope: scopesOf(page).includes(scope) ? scope : "full_book",
  };
  if (about !== null) metadata.about = about;
  if (passages.length > 0) {
    metadata.selected_text = quote;
    metadata.selections = passages.map(({ text, path, anchor }) => ({ text, path, anchor }));
  }
  return { text, quote: quote || null, metadata };
}
