/** Every sentence the widget shows or announces. A locale is one object of this shape. */

const english = {
  askAboutThis: "Ask about this",
  close: "Close",
  conversation: "Conversation",
  newConversation: "New conversation",
  yourQuestion: "Your question",
  ask: "Ask",
  stop: "Stop",
  send: "Send the question",
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
  youAsked: "You asked",
  searching: "Looking in the book",
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
  followUps: "Ask next",
  earlier: "Show earlier messages",
  answerReady: (sources: number) =>
    sources === 0
      ? "The answer is complete."
      : `The answer is complete, with ${sources} source${sources > 1 ? "s" : ""}.`,
  retry: "Try again",
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

/** The sentences of one locale. */
export type Messages = typeof english;

/** Return the messages for a language tag such as `document.documentElement.lang`; English where there is no other. */
export function messagesFor(language: string): Messages {
  const locales: Record<string, Messages> = { en: english };
  return locales[language] ?? locales[language.split("-")[0] ?? ""] ?? english;
}
