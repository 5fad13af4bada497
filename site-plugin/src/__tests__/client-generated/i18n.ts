/** What Docusaurus would generate for a site in one language. */
export default { currentLocale: "en" };
