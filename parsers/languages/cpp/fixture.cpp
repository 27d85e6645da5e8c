#include <map>
#include <memory>
#include <string>
#include <vector>

namespace geometry {

/// A point in the plane.
struct Point {
  double x = 0.0;
  double y = 0.0;
};

/**
 * A named chain of points.
 */
class Path : public Shape {
 public:
  /// Makes an empty path.
  /// \param name what to call it
  explicit Path(std::string name) : name_(std::move(name)), closed_(false) {
    points_.reserve(8);
  }

  virtual ~Path() { clear(); }

  /*! \brief Adds a point.
   *  \param[in] point the point
   *  \return the number of points
   */
  size_t add(const Point& point) {
    points_.push_back(point);
    return points_.size();
  }

  Point& operator[](size_t index) { return points_[index]; }

  bool closed() const noexcept override { return closed_ && !points_.empty(); }

  // Whether there is any point.
  explicit operator bool() const { return !points_.empty(); }

  void clear();

 private:
  std::string name_;
  std::vector<Point> points_;
  bool closed_;
};

void Path::clear() {
  auto count = points_.size();
  while (count > 0) {
    points_.pop_back();
    --count;
  }
}

/**
 * Largest value of a list, or the fallback for an empty one.
 * @tparam T what is compared
 * @param values the list
 * @param fallback what an empty list gives
 */
template <typename T>
T largest(const std::vector<T>& values, T fallback = T(), int* steps = nullptr) {
  T best = fallback;
  bool first = true;
  for (const auto& value : values) {
    if (first || value > best) {
      best = value;
      first = false;
    } else if (steps != nullptr) {
      *steps += 1;
    } else {
      continue;
    }
  }
  return best;
}

const char* label(int kind) {
  const char* text = R"(raw "label")";
  switch (kind) {
    case 0:
      return "zero";
    default:
      throw std::runtime_error("no label");
  }
  return text;
}

// Sums the values of a table.
double sum(const std::map<std::string, double>& table) {
  double total = 0;
  int rounds = 0x3;
  for (const auto& [key, value] : table) {
    total = total + value * 2;
  }
  for (int i = 0; i < rounds; ++i) total -= 1.5;
  do {
    rounds--;
  } while (rounds > 0);
  auto square = [&](double x) { return x * x; };
  auto* holder = new Path("holder");
  delete holder;
  return square(total);
}

}  // namespace geometry
