// The module /catalogue.js, which the app server writes when it starts.
export interface CatalogueRealm {
  url: string;
  path: string;
  note: string;
  users: string[] | 'everyone';
  images: { name: string; kind: 'image' | 'background' | 'video' }[];
}
export const catalogue: { origin: string; started: number; realms: CatalogueRealm[] };
