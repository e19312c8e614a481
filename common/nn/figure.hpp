#pragma once

#include <armadillo>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace nn {

/// A figure: one panel, or several side by side, drawn by gnuplot as SVG. All figures of the course share one look: a
/// palette told apart by colour-blind readers, and a page that turns dark when its reader's does.
///
/// Whatever is added goes to the panel that was begun last.
class Figure {
 public:
  /// Begins the first panel.
  /// @param title its title
  /// @param x, y the names of the axes, with units
  Figure(std::string_view title, std::string_view x, std::string_view y);

  /// Begins one more panel, to the right of the others.
  /// @param title, x, y as for the first
  void panel(std::string_view title, std::string_view x, std::string_view y);

  /// Makes the horizontal axis logarithmic. Values that aren't positive are left out of the drawing.
  void log_x();

  /// Makes the vertical axis logarithmic. Values that aren't positive are left out of the drawing.
  void log_y();

  /// Makes one unit equally long on both axes, so that angles and distances are true.
  void equal_axes();

  /// Sets the horizontal range.
  /// @param from, to the ends
  /// @throws Error unless from < to, both finite
  void range_x(double from, double to);

  /// Sets the vertical range.
  /// @param from, to the ends
  /// @throws Error unless from < to, both finite
  void range_y(double from, double to);

  /// A line through points. Where y is not finite the line breaks.
  /// @param x, y vectors of one length
  /// @param label for the legend; none means no entry
  /// @throws Error when the lengths differ, or no point is finite
  void line(const arma::vec& x, const arma::vec& y, std::string_view label = "");

  /// A line through values in a row, the first at 0: a cost step by step.
  /// @param y the values
  /// @param label for the legend; none means no entry
  /// @throws Error when no value is finite
  void history(const arma::vec& y, std::string_view label = "");

  /// Points.
  /// @param x, y vectors of one length
  /// @param label for the legend; none means no entry
  /// @throws Error when the lengths differ, or no point is finite
  void points(const arma::vec& x, const arma::vec& y, std::string_view label = "");

  /// Words, each where its point would be.
  /// @param x, y vectors of one length
  /// @param texts as many words
  /// @throws Error when the lengths differ, or no point is finite
  void words(const arma::vec& x, const arma::vec& y, const std::vector<std::string>& texts);

  /// A line with a mark on each point: the steps of a descent.
  /// @param x, y vectors of one length
  /// @param label for the legend; none means no entry
  /// @throws Error when the lengths differ, or no point is finite
  void path(const arma::vec& x, const arma::vec& y, std::string_view label = "");

  /// A function of two variables: a point, 2×1 → its value there. It is drawn from its values on a grid of 121×121
  /// points; what is narrower than a cell is missed.
  using Surface = std::function<double(const arma::vec& point)>;

  /// Level curves of a function over the panel's ranges, which must be set before.
  /// @param f the function
  /// @param levels the values whose curves are drawn
  /// @throws Error when a range is not set
  void contour(const Surface& f, const arma::vec& levels);

  /// A decision boundary: where a function is 0 within the panel's ranges, which must be set before.
  /// @param f the function, for example the net input of a neuron
  /// @param label for the legend; none means no entry
  /// @throws Error when a range is not set
  void boundary(const Surface& f, std::string_view label = "");

  /// Small grey-level pictures in a grid, such as digits, the smallest value as paper and the largest as ink.
  /// @param pixels (rows·cols)×m, one picture a column, row by row
  /// @param rows, cols the size of a picture
  /// @param across how many stand beside each other
  /// @throws Error when the sizes don't fit or there is no picture
  void images(const arma::mat& pixels, arma::uword rows, arma::uword cols, arma::uword across);

  /// @return the commands, with the data, that make gnuplot draw the figure
  /// @throws Error when a panel has nothing in it
  std::string script() const;

  /// @return the figure as an SVG document
  /// @throws Error when a panel has nothing in it, or gnuplot isn't installed or fails, with what it said
  std::string svg() const;

 private:
  struct Panel {
    std::string settings;            // gnuplot commands
    arma::rowvec x, y;               // the ranges, from and to, where set
    std::string data;                // gnuplot data blocks, and the tables of contours
    std::vector<std::string> plots;  // the parts of the plot command
    std::size_t series = 0;          // drawn so far, in the palette's colours
    int lines = 0;                   // of these, the lines
  };

  std::string style(std::string_view with);
  std::string block(const arma::mat& columns);
  std::string curves(const Surface& f, const arma::vec& levels);
  void series(const arma::vec& x, const arma::vec& y, std::string_view with, std::string_view label);

  std::vector<Panel> panels_;
  int blocks_ = 0;
};

}  // namespace nn
