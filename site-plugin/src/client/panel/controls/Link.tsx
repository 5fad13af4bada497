/** A link in an answer: to a page of this book without reloading, or elsewhere in a new tab. */

import type { MouseEvent, ReactNode } from "react";
import { resolveLink, withTextFragment } from "../../site/links";
import { isPlainClick } from "../../site/navigate";
import { useSite } from "../context/context";

interface Props {
  href: string;
  children: ReactNode;
  className?: string;
  /** What the site's own styles know the link by. */
  part?: string;
  label?: string;
  title?: string;
  /** The id of what describes the link. */
  describedBy?: string | undefined;
  /** What is to be highlighted on the page it leads to. */
  passages?: readonly string[];
  /** What the answer says on the strength of that page. */
  said?: readonly string[];
}

/** Show `children` as a link to `href`; what must not be followed is shown as text. */
export function BookLink({ href, children, className, part, label, title, describedBy, passages, said }: Props) {
  const site = useSite();
  const target = resolveLink(href, location.href, site.pages);
  if (!target) return <span>{children}</span>;
  const shown = { className, part, title, "aria-label": label, "aria-describedby": describedBy };
  if (target.path === null) {
    return (
      <a {...shown} href={target.href} target="_blank" rel="noopener noreferrer">
        {children}
      </a>
    );
  }
  const follow = (event: MouseEvent) => {
    if (!isPlainClick(event)) return;
    event.preventDefault();
    site.follow(target.href, passages, said);
  };
  return (
    <a {...shown} href={withTextFragment(target.href, passages?.[0])} onClick={follow}>
      {children}
    </a>
  );
}
