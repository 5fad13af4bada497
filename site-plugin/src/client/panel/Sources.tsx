/** What an answer rests on: the same numbers as in its text, each with its heading and where that stands. */

import type { Source } from "./citations";
import { useMessages, useSite } from "./context";
import { BookLink } from "./Link";
import { pageOf, resolveLink } from "./links";

/** List `sources`; nothing is shown where there are none. */
export function Sources({ sources }: { sources: readonly Source[] }) {
  const messages = useMessages();
  if (sources.length === 0) return null;
  return (
    <ol className="sources" aria-label={messages.sources}>
      {sources.map((source) => (
        <li key={source.url}>
          <BookLink href={source.url}>
            <span className="number" aria-hidden="true">
              {source.number}
            </span>
            <span className="heading">{source.title}</span>
            <Place source={source} />
          </BookLink>
        </li>
      ))}
    </ol>
  );
}

/** Chapter, page, and whether that is the page being read. */
function Place({ source }: { source: Source }) {
  const messages = useMessages();
  const site = useSite();
  const target = resolveLink(source.url, location.href, site.pages);
  const page = target && pageOf(target, site.pages.table);
  const steps = [page ? page.chapterTitle : source.group, page?.title].filter((step) => step && step !== source.title);
  const here = target?.path != null && target.path === site.path;
  const place = [steps.join(" › "), here ? messages.thisPage : ""].filter(Boolean).join(" · ");
  return place ? <span className="place">{place}</span> : null;
}
