/**
 * OpenAI's ChatKit component in place of the panel, where the author has chosen it. Until a reader opens it, nothing of
 * it is loaded; from then on a third party knows of the reader.
 */

import { flushSync } from "react-dom";
import { createRoot } from "react-dom/client";
import type { ClientOptions } from "../../contract";
import { loadMessages } from "../messages";
import { takeLinkedQuestion } from "../panel/deep-link";
import type { PanelHandle } from "../panel/mount";
import { createShell } from "../panel/shell";
import { readPassage, selectedRange } from "../selection/passage";
import { embedComponent } from "./embed";
import { Frame } from "./Frame";

const STYLES = `
.component { flex: 1; min-block-size: 0; }
.component > * { display: block; inline-size: 100%; block-size: 100%; }
.panel > .failed, .linked { margin-inline: 18px; }
`;

/** Mount the component's frame into `host`; the component stays there when it is closed. */
export async function mountPanel(
  host: HTMLElement,
  launcher: HTMLElement,
  options: ClientOptions,
): Promise<PanelHandle> {
  const { chatkit } = options;
  if (!chatkit) throw new Error("the site was built for another widget");
  const messages = await loadMessages(document.documentElement.lang);
  const shell = createShell(host, launcher, STYLES);
  const root = createRoot(shell.container);
  const { close: onClose, follow: onFollow } = shell;
  const component = embedComponent({ host, options, chatkit, messages, onClose, onFollow });
  const props = { options, messages, onLoad: component.load, onClose };
  let opening = 0;

  host.addEventListener("booklight:dispose", () => {
    root.unmount();
    component.dispose();
    shell.dispose();
  });
  return {
    open(given) {
      const range = selectedRange(document);
      const passage = given ?? (range && readPassage(range, document));
      const linked = takeLinkedQuestion();
      component.present({ question: linked, passage });
      shell.show(true);
      opening += 1;
      flushSync(() => root.render(<Frame {...props} opening={opening} linked={linked} />));
    },
  };
}
