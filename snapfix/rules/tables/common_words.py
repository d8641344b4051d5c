"""Words that programs call things by: of two spellings, the one made of these is not the misspelt one."""

from __future__ import annotations

_WORDS = """
account action active actual add address admin age alias all amount and answer api app apply area args argument
array article attribute author average back background balance base begin billing birthday block board body book
bool border bottom box branch brand bucket budget buffer build button by byte cache calculate calendar call cancel
card cart catalog category cell cents change channel char character check child children choice city class clean
clear client clock close code color colour column command comment commit company complete condition config
configuration connect connection contact contain container content context convert copy cost count counter country
course create created credit currency current cursor custom customer data database date day debug decimal default
delay delete delivery department depth description destination detail device dict dictionary difference directory
discount display distance document domain done down download driver due duration edge element email employee empty
enabled encoding end engine entry environment error event example exit expected expire expires extension failed
false family feature field file filename filter final find first flag float folder font food foreground format found
frame from full function game gender generate get given grade graph group guest handle handler has hash head header
height hello help hidden history home host hostname hour html icon id image import in index info information initial
input insert instance int integer interest interval invoice is item iteration job join json key keyword kind label
language last latitude layout left length letter level library license limit line link list load local location log
logger logging login long longitude loop mail main manager map margin match matrix max maximum mean measure media
member memory menu message meta method middle min minimum minute missing mode model module money month move multiply
music name network new next node none normal not note notes notification null number numeric object offset old on
open operation operator option order origin other output owner package page pages paid parameter params parent parse
parser part password path pattern payload payment pending people percent percentage period permission person phone
photo picture pixel place plan platform play player point points policy population port position post postcode
prefix present preview previous price primary print priority private process product profile profit program progress
project property provider public purchase quantity query question queue quit quote radius random range rank rate
rating ratio raw read reason receipt receive received record rectangle red ref reference region register relation
release remaining remove repeat replace report repository request required reset resource response rest result
results retries retry return revenue review right role room root round route row rows rule run salary sale sample
save scale schedule schema scope score screen search seat second secret section select seller sender separate
separator sequence serial series server service session set setting settings shape share ship shipping shop short
show sibling side sign signature simple single size skip sort source space speed split stack staff start state
statistics status step stock stop store stream street string student style subject submit subtotal success suffix
sum summary support surname switch symbol system table tag target task tax team temp temperature template tenant
test text theme thread threshold ticket time timeout timestamp timezone title to today token tool top topic total
track transaction transfer tree true tuple type unit units until up update updated upload url usage user username
users valid validate value values variable variant vector vendor version video view visible visit volume wait wallet
warning web website week weight welcome width window with word work worker write xml year zip zone
"""

COMMON_WORDS = frozenset(_WORDS.split())
"""In lower case, mostly in the singular."""
