"""What on a page is furniture, by template. Each rule has its reason; nothing that holds the title is ever dropped."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A family of pages: how it is recognised, where its content stands, and what else is furniture there."""

    name: str
    signs: tuple[str, ...]
    region: str
    drop: tuple[str, ...] = ()


TEMPLATES = (
    Template(
        name="laws-lois",
        signs=("#docCont", ".docContents"),
        region="main, #wb-cont",
        # The table of contents repeats every heading; version and download boxes are tools.
        drop=(
            "#rightMenu",
            ".lawContents",
            "details.expander",
            "#assentedDate ~ details",
            ".FCSelector",
            ".tocNotes",
            "#right-panel",
        ),
    ),
    Template(
        name="gcweb",
        signs=("main[property=mainContentOfPage]", "meta[name='dcterms.modified']", "#wb-cont"),
        region="main",
        # Step navigation, share box, problem report and date stand inside main and change with the template.
        drop=(
            ".gc-subway",
            ".gc-subway-nav",
            ".pagedetails",
            ".wb-share",
            ".gc-pg-hlpfl",
            ".gc-pft",
            ".gc-subway-section-index",
            ".gc-nws-stackedprofiles",
            "#gc-pft",
        ),
    ),
    Template(
        name="welcomebc",
        signs=("a[href*='welcomebc.ca']",),
        region="main, #main, #content, .main-content",
        drop=(".accordion-control", ".breadcrumb", "#breadcrumb"),
    ),
    Template(
        name="ontario", signs=("a[href*='ontario.ca/page']", ".ontario-header"), region="main, #main-content, article"
    ),
    Template(name="alberta", signs=(".goa-header", "a[href*='alberta.ca']"), region="main, #main, .goa-main"),
    Template(
        name="govuk",
        signs=("meta[name^='govuk:']", ".govuk-template"),
        region="main, #content",
        drop=(
            ".gem-c-contextual-sidebar",
            ".gem-c-contextual-footer",
            ".gem-c-print-link",
            ".gem-c-contents-list",
            ".responsive-bottom-margin .gem-c-translation-nav",
            ".gem-c-published-dates",
            ".gem-c-metadata",
        ),
    ),
)

DEFAULT_REGIONS = ("main", "[role=main]", "#main-content", "#content", "#main", "article")

SILENT_TAGS = frozenset(
    [
        "script",
        "style",
        "noscript",
        "template",
        "svg",
        "canvas",
        "iframe",
        "object",
        "embed",
        "audio",
        "video",
        "map",
        "select",
        "option",
        "textarea",
        "input",
        "datalist",
        "link",
        "meta",
        "head",
        "title",
        "base",
        "del",
        "s",
        "strike",
    ]
)
"""They show no text of the page's own, text that only a visitor's choices make, or text that is struck out."""

FURNITURE_TAGS = frozenset({"nav", "footer"})
"""Navigation and footers say where one is, not what holds. A `header` inside the region may hold the title."""

FURNITURE_ROLES = frozenset({"navigation", "search", "banner", "contentinfo", "menu", "menubar", "toolbar", "tooltip"})

FURNITURE_NAME = re.compile(
    r"(?:^|[\s_-])(?:breadcrumbs?|cookies?|cookie-?(?:banner|notice|consent|bar)|consent|skip-?(?:link|nav|to-content|links)|"
    r"share|sharing|social|social-?media|share-?(?:links|buttons|tools)|addthis|page-?feedback|feedback|was-this-helpful|"
    r"report-?(?:a-?)?problem|pagedetails|page-?details|on-this-page|table-of-contents|toc|jump-?(?:menu|links)|"
    r"site-?header|site-?footer|global-?(?:header|footer|nav)|main-?nav|side-?nav|sidenav|navbar|nav-?menu|pagination|pager|"
    r"print|printfriendly|back-to-top|language-?(?:toggle|switcher|selector)|lang-?switcher|search-?(?:form|box|bar)|"
    r"newsletter|subscribe|related-?(?:links|content|navigation|items|articles|topics)|weather|(?:usa|gov|official)-?banner|visitor-?count(?:er)?|page-?views?|chat-?(?:widget|bot))"
    r"(?:$|[\s_-])",
    re.IGNORECASE,
)
"""Names of classes and ids under which sites keep tools, menus, cookie banners and feedback forms."""

CONSENT_WINDOWS = (
    "#CybotCookiebotDialog, #CybotCookiebotDialogBodyUnderlay, .cky-consent-container, .cky-modal, .cky-overlay, .cky-preference-center, "
    "#onetrust-consent-sdk, #onetrust-banner-sdk, #onetrust-pc-sdk, #didomi-host, #didomi-popup, .osano-cm-window, #truste-consent-track, "
    "#usercentrics-root, #usercentrics-cmp-ui, .qc-cmp2-container, #qc-cmp2-container, #iubenda-cs-banner, .termly-consent-banner, "
    "#cmplz-cookiebanner-container, .cmplz-cookiebanner, #BorlabsCookieBox, #axeptio_overlay, #tarteaucitronRoot, .fc-consent-root, "
    "#moove_gdpr_cookie_info_bar, #moove_gdpr_cookie_modal, .klaro, #ccc, .cc-window, #hs-eu-cookie-confirmation, #cmpbox, #cmpwrapper, "
    "#cookiescript_injected, #cookie-law-info-bar, .cli-modal, #coiOverlay, #gdpr-consent-tool-wrapper"
)
"""Windows of the consent managers that sites buy, by the names their makers give them, however large they are.
The table of cookies that such a maker puts into a policy has other names and stays."""

ASIDE_NAME = re.compile(
    r"(?:^|[\s_-])(?:cta|banner|header-?(?:nav|menu|bar|top|wrap(?:per)?|links|left|right)(?:-?items?)?|promos?|promo-?(?:box|banner|bar|block|card)|promotions?|teasers?|up-?sell|cross-?sell|advert(?:isement)?s?|"
    r"sponsor(?:ed|s)?|recommended|recommendations?|recirc|(?:latest|recent|popular|more|trending)-?(?:posts|articles|news|stories)|"
    r"author(?:-?(?:box|bio|card|info|name))?|by-?line|(?:post|entry|article)-?meta|ratings?|stars?-?rating|review-?stars|"
    r"comments?-?(?:area|section|list)|disqus(?:_thread)?|testimonials?|side-?bar|product-?(?:card|list|grid|tile|teaser)s?|"
    r"reactions|tag-?(?:cloud|list)|(?:bottom|app|top)-?download|pop-?ups?|modals?(?:-?(?:dialog|content|window|body))?|lightbox|"
    r"(?:country|region|locale)-?(?:menu|list|picker|select(?:or)?|switch(?:er)?)|"
    r"language-?(?:menu|list|picker|select|nav)|announcement-?bar|sticky-?bar|top-?bar|footer(?:-?(?:wrap(?:per)?|nav|links|menu|"
    r"column|list|inner|content|contain(?:er)?|layout|bottom|top))?)(?:$|[\s_-])",
    re.IGNORECASE,
)
"""Names of boxes that stand beside the text: what is offered, who wrote, how it was liked, where else to go."""

CARD_NAME = re.compile(r"(?:^|[\s_-])(?:cards?|tiles?)(?:$|[\s_-])", re.IGNORECASE)
"""Names of boxes that are an article's or an offer's short form; some sites keep their own text in them."""

HIDDEN_NAME = re.compile(
    r"(?:^|\s)(?:wb-inv|wb-invisible|sr-only|visually-?hidden|visuallyhidden|govuk-visually-hidden|screen-reader(?:-text|-only)?|"
    r"element-invisible|hidden|is-hidden|d-none|u-hidden|hide|nojs-hide|print-only|govuk-template__skip)(?:\s|$)",
    re.IGNORECASE,
)
"""Classes that make text invisible to those who read with their eyes."""

COLLAPSED_NAME = re.compile(
    r"accordion|collaps|tab-?(?:pane|panel|content)|tabs?__panel|expand|toggle|details|disclosure|panel-body|dropdown-content",
    re.IGNORECASE,
)
"""Containers that are shut until clicked; what they hold is part of the page."""

ALERT_NAME = re.compile(
    r"(?:^|\s)(?:alert(?:-\w+)?|notification-banner|govuk-notification-banner|ontario-alert|goa-callout|callout(?:-\w+)?|"
    r"notice(?:-\w+)?|page-alert|emergency-\w+)(?:\s|$)",
    re.IGNORECASE,
)

CONTENTS_TITLES = frozenset(
    {
        "on this page",
        "sur cette page",
        "dans cette page",
        "contents",
        "table of contents",
        "table des matières",
        "sommaire",
        "in this section",
        "dans cette section",
        "skip this page navigation",
        "page contents",
        "jump to",
    }
)
"""Titles of lists that only repeat the headings below them."""
