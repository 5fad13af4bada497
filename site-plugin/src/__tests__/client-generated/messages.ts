/** The sentences as they are generated for a site in English. */
export { english as default } from "../../messages/en";
