/** What stands on the page itself: loaded where there is something to show. */

import type { ClientOptions } from "../../contract";
import { loadValue } from "../site/storage";
import { attachActions } from "./actions";
import type { OpenConversation } from "./mark";

/** Begin to show on every page what `given` wants there: at each call what is not shown yet, until `host` is gone. */
export function attach(host: HTMLElement, given: ClientOptions, open: OpenConversation): void {
  if (given.page) once(host, "data-actions", () => attachActions(host));
  if (given.asked && loadValue(() => localStorage, given.asked))
    once(host, "data-marks", () =>
      import("./marks").then(({ attachMarks }) => attachMarks(host, given.assistantUrl, open)),
    );
}

function once(host: HTMLElement, name: string, begin: () => void): void {
  if (host.hasAttribute(name)) return;
  host.setAttribute(name, "");
  begin();
}
