// What the pages of story.mjs define for the functions that run in them.
declare const auth: typeof import('../../js/page/index.js');
declare const asks: string[];
declare var registered: Promise<unknown> | undefined;
declare var told: string[];
declare var logins: number | undefined;
declare var isStarted: boolean | undefined;
