/**
 * Every sentence the widget shows or announces: English here, every other language in a file of its own that only its
 * readers load. A sentence with something inside it is a function, since languages put it in different places.
 */

/** The sentences of one locale. */
export type Messages = typeof english;

const english = {
  askAboutThis: "Ask about this",
  close: "Close",
  conversation: "Conversation",
  newConversation: "New conversation",
  yourQuestion: "Your question",
  ask: "Ask",
  stop: "Stop",
  send: "Send the question",
  placeholder: "Ask about this page…",
  greeting: "Ask anything about this book. Every answer links to the passage it comes from.",
  starters: "To begin with",
  starterPatterns: ["What does “{}” say?", "Explain “{}” in a few words", "What should I remember about “{}”?"],
  aboutPage: (title: string) => `On this page: ${title}`,
  wholeBook: "The whole book",
  scopeLabel: "Where to look",
  scopeBook: "In the whole book",
  scopeBookChapterFirst: "In the whole book, this chapter first",
  scopeChapter: "In this chapter",
  scopePage: "On this page",
  removeSelection: "Remove the selection",
  toSelection: "Back to the selected passage",
  youAsked: "You asked",
  searching: "Looking in the book",
  reconnecting: "The connection was lost. Taking it up again",
  stopped: "Stopped. What came before is kept.",
  sources: "Sources",
  source: (number: number, title: string) => `Source ${number}: ${title}`,
  thisPage: "this page",
  copyAnswer: "Copy answer",
  copyCode: "Copy code",
  copied: "Copied",
  answerAgain: "Answer again",
  goodAnswer: "Good answer",
  badAnswer: "Bad answer",
  thanks: "Thank you for telling us.",
  reason: "What was wrong with it?",
  reasonHint: "You may leave this empty.",
  sendReason: "Send",
  followUps: "Ask next",
  earlier: "Show earlier messages",
  answerReady: (sources: number) =>
    sources === 0
      ? "The answer is complete."
      : `The answer is complete, with ${sources} source${sources > 1 ? "s" : ""}.`,
  retry: "Try again",
  history: "Earlier conversations",
  backToConversation: "Back to the conversation",
  searchTitles: "Search titles",
  onlyThisPage: "Only those with a question on this page",
  askedHere: "Asked on this page before",
  untitled: "Without a title",
  noConversations: "No earlier conversations.",
  noMatches: "No title matches.",
  showMore: "Show more",
  current: "open now",
  rename: (title: string) => `Rename “${title}”`,
  newTitle: "New title",
  save: "Save",
  cancel: "Cancel",
  delete: (title: string) => `Delete “${title}”`,
  askDelete: "Delete this conversation for good?",
  confirmDelete: "Delete",
  keep: "Keep",
  renamed: "Renamed.",
  deleted: "Deleted.",
  notDone: "That did not work. Try again.",
  conversationsFound: (count: number) => (count === 1 ? "1 conversation" : `${count} conversations`),
  consentLabel: "Before your first question",
  agree: "Agree and ask",
  decline: "Not now",
  quotations: "These are quotations from the book. To connect a model, set `BOOKLIGHT_MODEL`.",
  asOf: (date: string) => `Answers come from this book, as of ${date}.`,
  unreachable: "The assistant cannot be reached at the moment.",
  failures: {
    offline: "The assistant cannot be reached. Your question is kept: try again when you are back online.",
    slow: "The assistant has not answered for a while.",
    busy: "This conversation is still answering the question before. Try again in a moment.",
    lost: "This conversation is no longer there. Ask again to begin a new one.",
    cut: "The answer broke off before its end.",
    broken: "Something went wrong on the assistant's side.",
    limited: (seconds: number) =>
      seconds > 0
        ? `That was a lot of questions. Try again in ${seconds} seconds.`
        : "That was a lot of questions. Try again soon.",
    unready: "The assistant is not ready yet.",
  },
};

/** The sentences for whoever has no others. */
export const ENGLISH: Messages = english;

const LOCALES: Record<string, () => Promise<{ default: Messages }>> = {
  ar: () => import("./messages/ar"),
  de: () => import("./messages/de"),
  es: () => import("./messages/es"),
  fr: () => import("./messages/fr"),
  zh: () => import("./messages/zh"),
};

/** Load the messages for a language tag such as `document.documentElement.lang`; English where there is no other. */
export async function loadMessages(language: string): Promise<Messages> {
  const load = LOCALES[language.toLowerCase().split("-")[0] ?? ""];
  return load ? (await load()).default : english;
}
