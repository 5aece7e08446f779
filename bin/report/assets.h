/* assets: share/report.css and share/report.js, compiled in. */
#ifndef EV_REPORT_ASSETS_H
#define EV_REPORT_ASSETS_H

extern const char asset_style[];
extern const char asset_script[];

#endif
