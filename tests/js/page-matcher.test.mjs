// The page's look-up, with each of the two cores, whose memory grows while it is told the tokens.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMatcher } from '../../js/refresh/matcher.js';
import { importShipped } from './package.mjs';

const { default: createCoreModule } = await importShipped('core.js');
const { default: createModuleWithoutWasm } = await importShipped('core-without-wasm.js');

for (const [module, create] of /** @type {[string, typeof createCoreModule][]} */ ([
  ['wasm', createCoreModule],
  ['plain JavaScript', createModuleWithoutWasm],
])) {
  test(`${module}: a stranger has no token, before and after the memory grew`, async () => {
    const match = await createMatcher({ createCoreModule: create });
    /** @param {Record<string, string>} tokens @param {string} url */
    const find = (tokens, url) => match(tokens, new URL(url));
    const few = { 'http://h/r/': 'SECRET' };
    assert.deepEqual(find(few, 'http://h/r/cat.png'), { realmURL: 'http://h/r/', token: 'SECRET' });
    /** @type {Record<string, string>} */
    const many = { ...few };
    for (let i = 0; i < 5000; i++) many[`http://h/${i}/`] = 'x'.repeat(300);
    assert.deepEqual(find(many, 'http://h/r/cat.png'), { realmURL: 'http://h/r/', token: 'SECRET' });
    assert.equal(find(many, 'http://evil/advert/pixel.png'), undefined);
    assert.equal(find(many, 'http://h/7/x')?.realmURL, 'http://h/7/');
  });
}
