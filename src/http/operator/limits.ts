/** Most rows of one page. */
export const PAGE_LIMIT_MAX = 100
