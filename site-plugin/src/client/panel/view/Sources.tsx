/** What an answer rests on: the same numbers as in its text, each with its heading and where that stands. */

import { messages } from "../../messages/messages";
import { usePlace } from "../context/place";
import { BookLink } from "../controls/Link";
import type { Source } from "../state/citations";

/** List `sources`; nothing is shown where there are none. */
export function Sources({ sources }: { sources: readonly Source[] }) {
  if (sources.length === 0) return null;
  return (
    <ol className="sources" part="sources" aria-label={messages.sources}>
      {sources.map((source) => (
        <li key={source.url}>
          <BookLink href={source.url} passages={source.passages} said={source.said}>
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

function Place({ source }: { source: Source }) {
  const place = usePlace(source);
  return place && <span className="place">{place}</span>;
}
