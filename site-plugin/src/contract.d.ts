/** What the Node half of the plugin hands to the browser half. Types only: nothing here reaches either bundle. */

/** The plugin's global data, inlined into every page: small, so without what is not set, and free of secrets. */
export interface ClientOptions {
  /** Where the sidecar answers: an absolute URL, or a path on the book's own origin, without a trailing slash. */
  assistantUrl: string;
  /** What readers see on the launcher and at the head of the panel. */
  title: string;
  /** What readers are told when the panel does not load, in the site's language. */
  failed: string;
  /** A picture for the head of the panel and above its greeting. */
  avatar?: { src: string; alt: string } | undefined;
  /** What the reader must agree to before the first question is sent. */
  consent?: string | undefined;
  /** The key that opens the panel together with Ctrl or ⌘. */
  shortcut: string | false;
  /** Whether something stands on the page itself, below its title: what `PageExtras` tells. */
  page?: true | undefined;
  /** The key in the browser's storage that says that its reader has asked; empty where what they asked is not marked. */
  asked: string;
}

/** What stands on the page itself: below its title where it was written as Markdown, and in which words; where home is. */
export interface PageExtras {
  actions: readonly PageAction[];
  home: string;
  words: PageMessages;
}

/** Copy the page as Markdown, or open it as that. */
export type PageAction = "copy" | "open";

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

/** A sentence in each plural form that its `count` may ask for, in the categories of `Intl.PluralRules`. */
export type PluralForms = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string };
/** A sentence about a number: in plural forms, or as one text for every number. */
export type Counted = PluralForms | string;

/** Every sentence that readers see or hear, in one language; what stands in braces is filled in. */
export interface Messages {
  title: string;
  failed: string;
  askAboutThis: string;
  close: string;
  conversation: string;
  newConversation: string;
  yourQuestion: string;
  ask: string;
  stop: string;
  send: string;
  placeholder: string;
  greeting: string;
  starters: string;
  starterPatterns: readonly string[];
  aboutPage: string;
  wholeBook: string;
  scopeLabel: string;
  scopeBook: string;
  scopeBookChapterFirst: string;
  scopeChapter: string;
  scopePage: string;
  removeSelection: string;
  toSelection: string;
  youAsked: string;
  searching: string;
  reconnecting: string;
  stopped: string;
  sources: string;
  source: string;
  thisPage: string;
  copyPage: string;
  openMarkdown: string;
  askedCount: string;
  notAnsweredCount: string;
  hideCounts: string;
  askedBefore: string;
  askedBeforeCount: string;
  copyAnswer: string;
  copyCode: string;
  copied: string;
  share: string;
  shareNote: string;
  copyLink: string;
  linkCopied: string;
  sharedUntil: string;
  stopSharing: string;
  shareEnded: string;
  sharedAnswer: string;
  sharedGone: string;
  answerAgain: string;
  goodAnswer: string;
  badAnswer: string;
  thanks: string;
  reason: string;
  reasonHint: string;
  sendReason: string;
  followUps: string;
  earlier: string;
  answerComplete: string;
  answerReady: Counted;
  retry: string;
  history: string;
  backToConversation: string;
  searchTitles: string;
  onlyThisPage: string;
  askedHere: string;
  untitled: string;
  noConversations: string;
  noMatches: string;
  showMore: string;
  current: string;
  rename: string;
  newTitle: string;
  save: string;
  cancel: string;
  delete: string;
  askDelete: string;
  deleteAll: string;
  askDeleteAll: string;
  confirmDelete: string;
  keep: string;
  renamed: string;
  deleted: string;
  notDone: string;
  conversationsFound: Counted;
  consentLabel: string;
  agree: string;
  decline: string;
  quotations: string;
  connectModel: string;
  asOf: string;
  unreachable: string;
  offline: string;
  slow: string;
  busy: string;
  lost: string;
  cut: string;
  broken: string;
  limited: Counted;
  limitedSoon: string;
  unready: string;
}

/** The sentences that are loaded with what stands on the page itself. */
export type PageMessages = Pick<
  Messages,
  "copyPage" | "openMarkdown" | "copied" | "notDone" | "askedBefore" | "askedBeforeCount" | "untitled"
>;

/** The sentences that are loaded with what shares an answer, or shows a shared one. */
export type ShareMessages = Pick<
  Messages,
  "shareNote" | "copyLink" | "linkCopied" | "sharedUntil" | "stopSharing" | "shareEnded" | "sharedAnswer" | "sharedGone"
>;

/** The sentences that are loaded with the panel: the launcher's own two are on every page already. */
export type PanelMessages = Omit<
  Messages,
  "title" | "failed" | "copyPage" | "openMarkdown" | "askedBefore" | "askedBeforeCount" | keyof ShareMessages
>;
