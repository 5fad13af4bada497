/** What the Node half of the plugin hands to the browser half. Types only: nothing here reaches either bundle. */

/** The plugin's global data, inlined into every page: keep it small and free of secrets. */
export interface ClientOptions {
  /** Where the sidecar answers: an absolute URL, or a path on the book's own origin, without a trailing slash. */
  assistantUrl: string;
  /** What readers see on the launcher and at the head of the panel. */
  title: string;
  /** The composer's placeholder. */
  placeholder: string;
}

/** What the widget may tell the sidecar about a page, keyed by the page's route as served. */
export interface PageTable {
  [path: string]: {
    title: string;
    chapter: number | null;
    chapterTitle: string | null;
    lesson: string | null;
  };
}
