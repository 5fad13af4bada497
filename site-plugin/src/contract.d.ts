/** What the Node half of the plugin hands to the browser half. Types only: nothing here reaches either bundle. */

/** The plugin's global data, inlined into every page: small, so without what is not set, and free of secrets. */
export interface ClientOptions {
  /** Where the sidecar answers: an absolute URL, or a path on the book's own origin, without a trailing slash. */
  assistantUrl: string;
  /** What readers see on the launcher and at the head of the panel. */
  title: string;
  /** What readers are told when the panel does not load, in the site's language. */
  failed: string;
  /** The composer's placeholder, if it is not the one in the reader's language. */
  placeholder?: string | undefined;
  /** What stands in the empty panel, if it is not the words in the reader's language. */
  greeting?: string | undefined;
  /** A picture for the head of the panel and above its greeting. */
  avatar?: { src: string; alt: string } | undefined;
  /** What the reader must agree to before the first question is sent. */
  consent?: string | undefined;
  /** The key that opens the panel together with Ctrl or ⌘. */
  shortcut: string | false;
}

/** What the widget may tell the sidecar about a page, keyed by the page's route as served. */
export interface PageTable {
  [path: string]: {
    title: string;
    chapter: number | null;
    chapterTitle: string | null;
    lesson: string | null;
    /** The docs instance of the page, where that is not `default`. */
    docsInstance?: string;
  };
}
