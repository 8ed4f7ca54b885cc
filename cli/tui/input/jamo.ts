/**
 * The two-set Korean keyboard: which QWERTY key was pressed for what the input method delivered. Shortcuts then work
 * with the Korean layout on, composed syllables included (`저` is w, j).
 */
const compatibilityJamo = 'ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔㅁㄴㅇㄹㅎㅗㅓㅏㅣㅋㅌㅊㅍㅠㅜㅡㅃㅉㄸㄲㅆㅒㅖ';
const qwerty = 'qwertyuiopasdfghjklzxcvbnmQWERTOP';
const keyOfJamo = new Map([...compatibilityJamo].map((jamo, index) => [jamo, qwerty[index] ?? '']));

// In the order of Unicode's Hangul composition: 19 initials, 21 vowels, 28 finals (the first being none).
const initials = 'r R s e E f a q Q t T d w W c z x v g'.split(' ');
const vowels = 'k o i O j p u P h hk ho hl y n nj np nl b m ml l'.split(' ');
const finals = ' r R rt s sw sg e f fr fa fq ft fx fv fg a q qt t T d w c z x v g'.split(' ');

const firstSyllable = 0xac00;
const lastSyllable = 0xd7a3;

/** The keys behind one typed character; other characters are their own key. */
export function keysOfCharacter(character: string): readonly string[] {
  const jamo = keyOfJamo.get(character);
  if (jamo !== undefined) return [jamo];
  const code = character.codePointAt(0) ?? 0;
  if (code < firstSyllable || code > lastSyllable) return [character];
  const index = code - firstSyllable;
  const keys = [
    initials[Math.floor(index / (vowels.length * finals.length))],
    vowels[Math.floor(index / finals.length) % vowels.length],
    finals[index % finals.length],
  ];
  return [...keys.join('')];
}

/** A whole text as the keys that were pressed for it. */
export const keysOfText = (text: string): string => [...text.normalize('NFC')].flatMap(keysOfCharacter).join('');

const initialJamo = [...'ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ'];

/** The initial consonants of a text (`지연` is ㅈㅇ), by which Koreans search. */
export function initialsOf(text: string): string {
  return [...text.normalize('NFC')]
    .map((character) => {
      const code = character.codePointAt(0) ?? 0;
      if (code < firstSyllable || code > lastSyllable) return character;
      return initialJamo[Math.floor((code - firstSyllable) / (vowels.length * finals.length))] ?? character;
    })
    .join('');
}
